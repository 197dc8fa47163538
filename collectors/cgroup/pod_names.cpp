#include "collectors/cgroup/pod_names.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "collectors/formats/log_names.h"

namespace vitalsd {
namespace {

using std::string_view;

constexpr std::uint32_t kChanges =
    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t kLost = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED | IN_Q_OVERFLOW;
constexpr int kMostReads = 256;  // of one round; when there is more, listing costs less

using Entry = std::optional<std::pair<string_view, ContainerNames>>;

Entry pod_entry(string_view name) {
  const auto found = log_names::pod(name);
  if (!found) return std::nullopt;
  return std::pair(found->uid, ContainerNames{.pod = std::string(found->pod), .ns = std::string(found->ns)});
}

Entry container_entry(string_view name) {
  const auto found = log_names::container(name);
  if (!found) return std::nullopt;
  return std::pair(found->id, ContainerNames{.pod = std::string(found->pod),
                                             .ns = std::string(found->ns),
                                             .container = std::string(found->container)});
}

const ContainerNames* find(const auto& known, string_view key) {
  const auto found = known.find(key);
  return found == known.end() ? nullptr : &found->second;
}

}  // namespace

PodNames::PodNames(std::string pod_logs, std::string container_logs, Calls calls)
    : calls_(calls),
      directories_(
          {Directory{.field = "pod_logs", .path = std::move(pod_logs), .parse = pod_entry},
           Directory{.field = "container_logs", .path = std::move(container_logs), .parse = container_entry}}) {
  for (Directory& directory : directories_) {
    if (!directory.path.empty()) directory.files = open_directory(directory.path);
  }
}

const ContainerNames* PodNames::pod(string_view uid) const { return find(directories_[0].known, uid); }
const ContainerNames* PodNames::container(string_view id) const { return find(directories_[1].known, id); }

void PodNames::round(Time now, FaultSink& faults) {
  if (inotify_) take_events();
  for (Directory& directory : directories_) {
    if (directory.files && directory.watch < 0 && now >= directory.again) follow(directory, now);
  }
  report(faults);
}

void PodNames::take_events() {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  for (int i = 0; i < kMostReads; ++i) {
    const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += sizeof(inotify_event) + event.len;
      take_event(event);
    }
  }
  for (Directory& directory : directories_) lose(directory);
}

void PodNames::take_event(const inotify_event& event) {
  for (Directory& directory : directories_) {
    if ((event.mask & IN_Q_OVERFLOW) == 0 && event.wd != directory.watch) continue;
    if ((event.mask & kLost) != 0) {
      lose(directory);
    } else if (event.len != 0) {
      const string_view name(event.name, ::strnlen(event.name, event.len));
      if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
        add(directory, name);
      } else if (const auto entry = directory.parse(name)) {
        // Cgroups that have the names keep them, so a log may be removed while its container lives.
        if (const auto gone = directory.known.find(entry->first); gone != directory.known.end()) {
          directory.known.erase(gone);
        }
      }
    }
  }
}

/// It is another directory now, or some events were lost: it is listed anew in this round.
void PodNames::lose(Directory& directory) {
  if (directory.watch >= 0) ::inotify_rm_watch(inotify_.get(), std::exchange(directory.watch, -1));
  directory.again = {};
}

// The watch comes first, so that nothing is missed between the two.
void PodNames::follow(Directory& directory, Time now) {
  directory.again = now + kRescan;
  if (!lack_ || retry_.due(now)) {
    if (!inotify_) inotify_.reset(calls_.init(IN_CLOEXEC | IN_NONBLOCK));
    directory.watch = inotify_ ? calls_.add(inotify_.get(), directory.path.c_str(), kChanges) : -1;
    const int sys = errno;
    if (directory.watch >= 0) {
      lack_.reset();
      retry_.granted();
    } else if (!inotify_ || is_exhausted(sys)) {
      lack_ = Error{Errc::io, sys, "inotify"};
      retry_.asked(now);
    }
  }
  list(directory);
}

void PodNames::list(Directory& directory) {
  directory.full = false;
  directory.fault.reset();
  const auto listed = directory.files->list("", names_);
  if (!listed) {
    const Errc code = listed.error().code;
    if (code != Errc::unavailable) directory.fault = listed.error();
    // What is known stays so: the cgroups it names may still be there.
    if (directory.watch >= 0) ::inotify_rm_watch(inotify_.get(), std::exchange(directory.watch, -1));
    return;
  }
  directory.known.clear();
  for (std::size_t i = 0; i < names_.size(); ++i) add(directory, names_[i]);
  ++generation_;
}

void PodNames::add(Directory& directory, string_view name) {
  auto entry = directory.parse(name);
  if (!entry) return;
  if (directory.known.size() >= kMost) {
    directory.full = true;
    return;
  }
  directory.known.insert_or_assign(std::string(entry->first), std::move(entry->second));
  ++generation_;
}

void PodNames::report(FaultSink& faults) const {
  constexpr string_view kInotify = "raise fs.inotify.max_user_instances and fs.inotify.max_user_watches";
  constexpr string_view kReadable = "let the daemon read --path.container-logs (mode 0755, as the kubelet makes it)";
  if (lack_) faults.partial("names", "inotify", *lack_, kInotify);
  for (const Directory& directory : directories_) {
    if (directory.full) faults.partial("names", directory.field, Error{Errc::too_large, 0, "names of logs"}, {});
    // The kubelet keeps the pods' folders from others (mode 0750); the links name the same pods.
    const bool secret = &directory == &directories_[0] && directory.fault && directory.fault->code == Errc::denied;
    if (directory.fault && !secret) faults.partial("names", directory.field, *directory.fault, kReadable);
  }
}

}  // namespace vitalsd
