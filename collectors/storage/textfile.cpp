// Collector `textfile`: what others write to files (*.prom, in the exposition's text format), seen as it is written.
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collectors/formats/exposition.h"
#include "collectors/storage/directory_watch.h"
#include "core/collector.h"
#include "core/fd.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kFileLabels = {"file"};
constexpr Family kMtime{"node_textfile_mtime_seconds", Kind::gauge, "Unixtime mtime of textfiles successfully read.",
                        "seconds", kFileLabels};
constexpr Family kError{"node_textfile_scrape_error", Kind::gauge,
                        "1 if there was an error opening or reading a file, 0 otherwise"};
constexpr Family kUnwatched{"vitalsd_textfile_unwatched_directories", Kind::gauge,
                            "Directories of textfiles that the system refuses to watch: what changes in them is seen "
                            "at the next tick."};
constexpr auto kFamilies = family_list<family_total(kMtime, kError, kUnwatched)>(kMtime, kError, kUnwatched);

constexpr std::array kOptions = {
    OptionSpec{"directory", OptionType::list, "", "Directories to read *.prom files from; each may be a glob."},
    OptionSpec{"max_file_size", OptionType::size, "1Mi", "Files that are larger are not read."},
    OptionSpec{"max_series", OptionType::integer, "100000",
               "How many series all files may have; later ones are left out."},
};

constexpr std::size_t kMostFiles = 10'000;
constexpr std::string_view kSuffix = ".prom";

// What one file gave, with the text that it is made of.
struct File {
  std::string path, text;
  Exposition read;
  double mtime = 0;
};

// A family of all files together; what blocks refer to.
struct Merged {
  std::string name, help;
  Family family;
  bool has_help = false;
  std::vector<const File*> files;
  std::vector<std::pair<const File*, const Exposition::Sample*>> samples;
};

class TextfileCollector final : public Collector {
 public:
  explicit TextfileCollector(const Options& options)
      : directories_(options.list("directory")),
        max_size_(options.size("max_file_size")),
        max_series_(static_cast<std::size_t>(std::max<std::int64_t>(0, options.integer("max_series")))),
        watch_(!directories_.empty(), kSuffix) {}

  int wake_fd() const noexcept override { return watch_.fd(); }
  bool woken() noexcept override { return watch_.woken(); }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    failed_ = false;
    if (!directories_.empty()) {
      std::deque<File> files;
      watch_.begin(context.host.clock->steady(), context.woken);  // what changes from here on wakes it again
      read_files(files, context);
      watch_.end();
      publish(files, context, sink);
      sink.add(kUnwatched, static_cast<double>(watch_.refused()));
    }
    sink.add(kError, failed_ ? 1 : 0);
    return {};
  }

 private:
  void lose(CollectContext& context, std::string_view what, const Error& error) {
    failed_ = true;
    context.faults.partial(what, "textfile", error, "mend the file, or take it away");
  }

  void read_files(std::deque<File>& files, CollectContext& context) {
    std::set<std::string> paths;
    for (const std::string& pattern : directories_) {
      if (pattern.empty()) continue;
      for (const std::string& directory : expand(pattern)) list(directory, paths, context);
    }
    std::size_t left = max_series_;
    for (const std::string& path : paths) {
      if (context.stop.stop_requested()) return;
      File& file = files.emplace_back();
      file.path = path;
      if (read(file, left, context)) {
        left -= file.read.samples.size();
      } else {
        files.pop_back();
      }
    }
  }

  // The directories that a glob means; what matches nothing is taken for a name.
  static std::vector<std::string> expand(const std::string& pattern) {
    std::vector<std::string> all;
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) all.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    if (all.empty()) all.push_back(pattern);
    return all;
  }

  // A watch that is refused costs no file: the next tick finds what changed.
  void watch(const std::string& directory, CollectContext& context) {
    const auto watched = watch_.add(directory, context.host.clock->steady());
    if (watched) return;
    context.faults.partial(directory, "watch", watched.error(),
                           "raise fs.inotify.max_user_watches or fs.inotify.max_user_instances; until then changes are "
                           "seen at the next tick");
  }

  void list(const std::string& directory, std::set<std::string>& paths, CollectContext& context) {
    watch(directory, context);
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
    if (open == nullptr) return lose(context, directory, {classify_errno(errno), errno, "textfile directory"});
    while (const dirent* const entry = ::readdir(open.get())) {
      const std::string_view name(entry->d_name);
      if (!name.ends_with(kSuffix)) continue;
      if (paths.size() >= kMostFiles) return lose(context, directory, {Errc::too_large, 0, "textfile directory"});
      paths.insert(directory + (directory.ends_with('/') ? "" : "/") + std::string(name));
    }
  }

  // The file whole, or nothing of it. Opening blocks neither at a FIFO nor at a device.
  bool read(File& file, std::size_t series, CollectContext& context) {
    const Fd fd(::open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
      lose(context, file.path, {classify_errno(errno), errno, "textfile"});
      return false;
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (!S_ISREG(info.st_mode) || size > max_size_) {
      lose(context, file.path, {S_ISREG(info.st_mode) ? Errc::too_large : Errc::malformed, 0, "textfile"});
      return false;
    }
    std::string buffer;
    const auto text = read_to_end(fd.get(), buffer, max_size_ + 1, "textfile");
    if (!text || text->size() > max_size_) {
      lose(context, file.path, text ? Error{Errc::too_large, 0, "textfile"} : text.error());
      return false;
    }
    file.text = *text;
    file.mtime = static_cast<double>(info.st_mtim.tv_sec);
    if (const auto error = exposition::parse(file.text, {.samples = series}, file.read)) {
      lose(context,
           file.path + ":" + std::to_string(error->line) + ":" + std::to_string(error->column) + ": " +
               std::string(error->what),
           {Errc::malformed, 0, "textfile"});
      return false;
    }
    if (file.read.timestamps) {
      lose(context, file.path + ": timestamps are not supported here", {Errc::malformed, 0, "textfile"});
      return false;
    }
    return true;
  }

  void publish(const std::deque<File>& files, CollectContext& context, Sink& sink) {
    const auto owner = std::make_shared<std::deque<Merged>>();
    std::map<std::string_view, Merged*> by_name;
    for (const File& file : files) {
      std::vector<Merged*> of_file(file.read.families.size());
      for (std::size_t i = 0; i < of_file.size(); ++i)
        of_file[i] = merge(file, file.read.families[i], by_name, *owner, context);
      for (const Exposition::Sample& sample : file.read.samples) {
        if (Merged* const merged = of_file[sample.family]) merged->samples.emplace_back(&file, &sample);
      }
    }
    for (Merged& merged : *owner) finish(merged, context, sink);
    for (const File& file : files) sink.add(kMtime, {file.path}, file.mtime);
    sink.keep(owner);
  }

  // The first file decides on type and HELP; the family of one that says something else is left out.
  Merged* merge(const File& file, const Exposition::Family& family, std::map<std::string_view, Merged*>& by_name,
                std::deque<Merged>& all, CollectContext& context) {
    auto found = by_name.find(family.name);
    if (found == by_name.end()) {
      Merged& made = all.emplace_back();
      made.name = family.name;
      made.family.kind = family.kind;
      found = by_name.emplace(std::string_view(made.name), &made).first;
    }
    Merged& merged = *found->second;
    const bool other_type = merged.family.kind != family.kind;
    const bool says_help = family.has_help && !family.help.empty();
    const bool other_help = merged.has_help && says_help && merged.help != family.help;
    if (other_type || other_help || clashes(family.name)) {
      lose(context,
           file.path + ": " + std::string(family.name) +
               (other_type   ? " has another type"
                : other_help ? " has another HELP"
                             : " is a name of this collector"),
           {Errc::malformed, 0, "textfile"});
      return nullptr;
    }
    if (says_help && !merged.has_help) {
      merged.help = family.help;
      merged.has_help = true;
    }
    merged.files.push_back(&file);
    return &merged;
  }
  static bool clashes(std::string_view name) { return name == kMtime.name || name == kError.name; }

  void finish(Merged& merged, CollectContext& context, Sink& sink) {
    if (merged.samples.empty()) return;
    if (!merged.has_help) {
      merged.help = "Metric read from ";
      for (std::size_t i = 0; i < merged.files.size(); ++i)
        merged.help.append(i == 0 ? "" : ", ").append(merged.files[i]->path);
    }
    merged.family.name = merged.name;
    merged.family.help = merged.help;
    std::set<std::string> seen;  // of one file the parser has seen to it
    std::vector<std::string_view> names, values;
    for (const auto& [file, sample] : merged.samples) {
      std::map<std::string_view, std::string_view> sorted;
      for (std::size_t i = 0; i < sample->labels; ++i) {
        const Exposition::Label& label = file->read.labels[sample->first_label + i];
        sorted[label.name] = label.value;
      }
      names.clear();
      values.clear();
      std::string key = std::to_string(static_cast<int>(sample->part));
      for (const auto& [name, value] : sorted) {
        names.push_back(name);
        values.push_back(value);
        if (!value.empty()) key.append(",").append(name).append("=").append(std::to_string(value.size())).append(value);
      }
      if (merged.files.size() > 1 && !seen.insert(std::move(key)).second) {
        lose(context, file->path + ": " + merged.name + " has a series of another file",
             {Errc::malformed, 0, "textfile"});
        continue;
      }
      sink.add(merged.family, sink.labels(names, values), sample->value, sample->part);
    }
  }

  std::vector<std::string> directories_;
  std::uint64_t max_size_;
  std::size_t max_series_;
  bool failed_ = false;
  DirectoryWatch watch_;
};

const Registration kRegistration{{.name = "textfile",
                                  .help = "Metrics that others write to files.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<TextfileCollector>}};

}  // namespace
}  // namespace vitalsd
