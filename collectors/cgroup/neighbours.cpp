#include "collectors/cgroup/neighbours.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "collectors/cgroup/neighbour_files.h"
#include "collectors/formats/pid/pid_cgroup.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

using std::string_view;

constexpr std::chrono::seconds kLookAgain{30};  // at all, as one may be another user now
constexpr std::chrono::seconds kTryAgain{10};   // where one did not let us look
constexpr std::size_t kMostProcesses = 4096;    // looked at in one look
constexpr std::size_t kFewProcesses = 1024;     // are listed whenever there is a new one: 20 µs for 100
constexpr std::size_t kMostNeighbours = 64;
constexpr int kMostTries = 8;  // of one container's processes
constexpr std::size_t kIdSize = 64;

constexpr string_view kRemedy =
    "run as the user and group of that container (which must have no capabilities itself), or as user 0 with all "
    "capabilities dropped but SYS_PTRACE";

/// A container's cgroup as `path` shows it, what is below it cut off; empty when it is in none.
string_view container_in(string_view path) {
  const ContainerIdentity identity = identify(path);
  if (identity.container_id.empty()) return {};
  const auto at = static_cast<std::size_t>(identity.container_id.data() - path.data());
  return path.substr(0, path.find('/', at + kIdSize));
}

/// The first container that the lines of /proc/PID/cgroup name; a view into `text`.
string_view container_of(string_view text) { return pid_cgroup::first_of(text, container_in); }

Result<string_view> read_at(int directory, const char* name, std::string& buffer) {
  const Fd fd(::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!fd) return fail(classify_errno(errno), "cgroup", errno);
  if (buffer.size() < 4096) buffer.resize(4096);
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  if (got < 0) return fail(classify_errno(errno), "cgroup", errno);
  return string_view(buffer.data(), static_cast<std::size_t>(got));
}

/// The same of a tree of ordinary files, in whose place fixtures are looked into.
Result<Fd> open_fixture(int process) {
  Fd at(::openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const char* name : {"sys", "fs", "cgroup"}) {
    if (!at) break;
    at = Fd(::openat(at.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!at) return fail(classify_errno(errno), "root/sys/fs/cgroup", errno);
  return at;
}

/// Distinguishes one that has gone from another of its name. 0: not known.
std::uint64_t inode_of(int directory) {
  struct stat info{};
  return ::fstat(directory, &info) == 0 ? info.st_ino : 0;
}

}  // namespace

bool Neighbours::is_looking(Mode mode, const FileSource& files, const Hierarchy& tree, std::string& buffer) {
  return mode == Mode::automatic ? !tree.is_machines(files, buffer) : mode == Mode::on;
}

bool Neighbours::may_look(Mode mode, const FileSource& cgroupfs, const FileSource& self) {
  if (mode != Mode::automatic) return mode == Mode::on;
  // Nothing is read of what may hang: version 1 is mounted below a tmpfs.
  const Fd root(cgroupfs.open("").value_or(-1));
  struct statfs info{};
  const bool quick = cgroupfs.is_kernel() || (::fstatfs(root.get(), &info) == 0 && info.f_type == TMPFS_MAGIC);
  if (!quick) return true;
  std::string buffer;
  std::string mounts;
  const auto tree = Hierarchy::find(cgroupfs, Hierarchy::mounted(cgroupfs, self, mounts));
  return !tree || is_looking(mode, cgroupfs, *tree, buffer);
}

void Neighbours::round(CollectContext& context, const Hierarchy& tree, const CgroupWalk& walk,
                       const CgroupReader::Wanted& wanted, GoneCgroups& gone) {
  if (mode_ == Mode::off) return;
  const auto now = context.host.clock->steady();
  const auto pause = again_ || !refused_.empty() ? kTryAgain : kLookAgain;
  const Look which = !looked_ || now - *looked_ >= pause ? Look::at_all : Look::at_new;
  if (which == Look::at_all) {
    looked_ = now;
    refused_.clear();
  }
  const bool worth_it = has_new_processes(context) || again_ || which == Look::at_all;
  if (worth_it && is_looking(mode_, *context.host.cgroupfs, tree, context.buffer)) look(context, walk, which, gone);
  for (auto each = all_.begin(); each != all_.end();) {
    Neighbour& neighbour = each->second;
    neighbour.reader->want(wanted);
    const bool over = !neighbour.reader->read(context, "/", neighbour.cgroup.stats);
    if (over) looked_.reset();  // it may be there again under another id
    if (over) {
      gone.note(each->first, inode_of(neighbour.directory.get()), neighbour.cgroup.last, neighbour.cgroup.past,
                neighbour.cgroup.names);
    }
    each = over ? all_.erase(each) : std::next(each);
  }
  tell_refused(context);
}

bool Neighbours::read_usage(CollectContext& context) {
  const bool all = std::ranges::all_of(all_, [&](auto& each) { return read_usage_of(context, each.second); });
  if (all) tell_refused(context);  // else the round that follows does
  return all;
}

bool Neighbours::read_usage(CollectContext& context, string_view id) {
  const auto found = all_.find(id);
  return found != all_.end() && read_usage_of(context, found->second);
}

bool Neighbours::read_usage_of(CollectContext& context, Neighbour& neighbour) {
  if (!neighbour.reader->read_usage(context, "/", neighbour.cgroup.stats)) return false;
  if (neighbour.reader->tree().unified()) neighbour.cgroup.tell_own_faults();
  return true;
}

void Neighbours::tell_refused(CollectContext& context) const {
  for (const Refused& refused : refused_) {
    context.faults.partial(refused.id, "root/sys/fs/cgroup", refused.error,
                           refused.error.code == Errc::denied ? kRemedy : string_view());
  }
}

// The last number in /proc/loadavg is the process that was made last in its pid namespace (fs/proc/loadavg.c).
bool Neighbours::has_new_processes(CollectContext& context) {
  const auto text = context.host.procfs->attribute("loadavg", context.buffer, Keep::yes);
  if (!text) return true;
  const string_view newest = text->substr(text->rfind(' ') + 1);
  if (newest == newest_pid_) return false;
  newest_pid_ = newest;
  return true;
}

// A container that is killed again and again may live for less than the time between two looks at all.
void Neighbours::look(CollectContext& context, const CgroupWalk& walk, Look which, GoneCgroups& gone) {
  if (which == Look::at_new && known_.size() > kFewProcesses) return;
  if (const auto text = context.host.self->read("cgroup", context.buffer)) {
    own_ = identify(container_of(*text)).container_id;
  }
  if (!context.host.procfs->list("", names_)) return;
  next_.clear();
  again_ = false;
  for (std::size_t i = 0, at = 0; i < names_.size() && next_.size() < kMostProcesses; ++i) {
    if (context.stop.stop_requested()) return;
    const string_view name = names_[i];
    const auto pid = parse_number<std::int32_t>(name, "pid");
    if (!pid || *pid < 1) continue;
    while (at < known_.size() && known_[at] < name) ++at;  // both are sorted
    const bool known = which == Look::at_new && at < known_.size() && known_[at] == name;
    if (known || look_at(context, walk, *pid, which, gone)) {
      next_.add(name);
    } else {
      again_ = true;
    }
  }
  std::swap(known_, next_);
}

bool Neighbours::look_at(CollectContext& context, const CgroupWalk& walk, std::int32_t pid, Look which,
                         GoneCgroups& gone) {
  const auto text = context.host.procfs->read(path_(pid, "cgroup"), context.buffer);
  const std::string id(text ? container_of(*text) : string_view());
  if (id.empty() || !walk.keeps(id) || all_.contains(id) || walk.contains(id) || is_given_up(id)) return true;
  if (identify(id).container_id == own_ || all_.size() == kMostNeighbours) return true;
  // The pod's sandbox does nothing, and is somebody else's.
  if (pid == 1) {
    const auto name = context.host.procfs->attribute(path_(pid, "comm"), context.buffer);
    if (name && *name == "pause") return true;
  }
  auto opened = open(context, pid, id);
  if (!opened) {
    // One that has just been made is perhaps not in its place yet.
    if (which == Look::at_new) return false;
    if (opened.error().code != Errc::vanished) refuse(id, opened.error());
    return true;
  }
  std::erase_if(refused_, [&](const Refused& refused) { return refused.id == id; });
  const auto added = all_.try_emplace(id, std::move(*opened)).first;
  added->second.cgroup.identity = identify(added->first);
  added->second.cgroup.leaf = true;
  added->second.cgroup.past = gone.take(id, inode_of(added->second.directory.get()));
  return true;
}

// All through one descriptor of /proc/PID, which answers for that process alone, whoever has its number later.
Result<Neighbour> Neighbours::open(CollectContext& context, std::int32_t pid, string_view id) {
  const auto opened = context.host.procfs->open(path_(pid, ""));
  if (!opened) return fail(opened.error());
  const Fd process(*opened);
  const bool live = context.host.procfs->is_kernel();  // a directory of fixtures is no kernel's
  Neighbour neighbour;
  std::string buffer;
  Result<Hierarchy> tree = fail(Errc::unavailable, "cgroups");
  if (live) {
    auto seen = find_cgroups_of(process.get(), buffer);
    if (!seen) return fail(seen.error());
    neighbour.directory.reset(::fcntl(seen->mounts.front().directory.get(), F_DUPFD_CLOEXEC, 0));
    neighbour.files = std::make_unique<NeighbourFiles>(std::move(seen->mounts));
    tree = Hierarchy::find(*neighbour.files, {.mountinfo = seen->mountinfo, .place = SeenCgroups::kPlace});
  } else {
    auto directory = open_fixture(process.get());
    if (!directory) return fail(directory.error());
    neighbour.directory = std::move(*directory);
    neighbour.rule = std::make_unique<OpenRule>(OpenRule{.no_waiting = true});
    neighbour.files = open_directory("/proc/self/fd/" + std::to_string(neighbour.directory.get()), Resolve::in_root,
                                     neighbour.rule.get());
    tree = Hierarchy::find(*neighbour.files);
  }
  if (!tree) return fail(tree.error());
  // It may have gone elsewhere in between, or the number is another's by now.
  const auto text = read_at(process.get(), "cgroup", text_);
  if (!text || container_of(*text) != id) return fail(Errc::vanished, "cgroup");
  neighbour.reader.emplace(std::move(*tree), neighbour.files.get());
  return neighbour;
}

void Neighbours::refuse(string_view id, const Error& error) {
  const auto known = std::ranges::find(refused_, id, &Refused::id);
  if (known != refused_.end()) {
    ++known->tries;
    if (error.code == Errc::denied) known->error = error;  // there is a remedy
  } else if (refused_.size() < kMostNeighbours) {
    refused_.push_back({std::string(id), error, 1});
  }
}

bool Neighbours::is_given_up(string_view id) const {
  const auto known = std::ranges::find(refused_, id, &Refused::id);
  return known != refused_.end() && known->tries >= kMostTries;
}

}  // namespace vitalsd
