// Collectors with never_waits: a run that is dropped because a file was not open yet leaves no trace.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {
namespace {

// The files that the sources of a host have open, and whether only those may be read; see OpenRule.
struct Kept {
  std::set<std::string> files;
  bool only = false;
  std::string lost;  ///< a file that is no longer open

  bool gives(const std::string& file, Keep keep = Keep::no) {
    if (only) return keep == Keep::yes && file != lost && files.contains(file);
    if (keep == Keep::yes) files.insert(file);
    return true;
  }
};

class KeptFiles final : public FileSource {
 public:
  KeptFiles(Kept& kept, std::string root) : kept_(kept), root_(std::move(root)), files_(open_directory(root_)) {}
  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    return gives(path, keep) ? files_->read(path, buffer, keep) : refused();
  }
  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep) const override {
    return gives(path, keep) ? files_->attribute(path, buffer, keep) : refused();
  }
  Result<std::string_view> link(std::string_view path, std::string& buffer) const override {
    return gives(path) ? files_->link(path, buffer) : refused();
  }
  Result<void> list(std::string_view path, Names& out) const override {
    out.clear();
    return gives(path) ? files_->list(path, out) : refused();
  }
  Result<void> directories(std::string_view path, Names& out) const override {
    out.clear();
    return gives(path) ? files_->directories(path, out) : refused();
  }
  Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep keep) const override {
    return gives(path, keep) ? files_->count(path, scratch, keep) : refused();
  }
  Result<int> open(std::string_view path) const override { return gives(path) ? files_->open(path) : refused(); }
  Result<RegularFile> regular(std::string_view path, std::string& buffer) const override {
    return gives(path) ? files_->regular(path, buffer) : refused();
  }
  bool is_kernel() const noexcept override { return files_->is_kernel(); }

 private:
  bool gives(std::string_view path, Keep keep = Keep::no) const {
    return kept_.gives(root_ + "/" + std::string(path), keep);
  }
  static std::unexpected<Error> refused() { return fail(Errc::would_open, "refused"); }

  Kept& kept_;
  std::string root_;
  std::unique_ptr<FileSource> files_;
};

// One collector over the fixtures of a machine.
class Subject {
 public:
  explicit Subject(const CollectorSpec& spec) : collector_(spec.make(Options::defaults(spec.options))) {
    const std::string root = std::string(VITALSD_SOURCE_DIR) + "/tests/fixtures/host";
    const auto source = [&](const char* folder) { return std::make_unique<KeptFiles>(kept, root + folder); };
    host_.procfs = source("/proc");
    host_.sysfs = source("/sys");
    host_.rootfs = source("/root");
    host_.cgroupfs = source("/cgroup");
    host_.self = source("/proc/self");
    host_.clock = &clock;
  }
  std::string run() { return run_collector(*collector_, host_).text; }

  Kept kept;
  FakeClock clock;

 private:
  Host host_;
  std::unique_ptr<Collector> collector_;
};

// Does one run that may not open a file, then one that may. The second must publish the same as without the first.
std::string run_twice(Subject& subject, const std::string& lost) {
  subject.kept.lost = lost;
  subject.kept.only = true;
  subject.run();
  subject.kept.only = false;
  return subject.run();
}

TEST(NeverWaits, ADroppedRunLeavesNoTrace) {
  std::size_t subjects = 0, files = 0;
  for (const CollectorSpec& spec : registered_collectors()) {
    if (!spec.never_waits) continue;
    ++subjects;
    Subject whole(spec);
    const std::string first = whole.run();
    whole.clock.advance(std::chrono::hours(1));  // so that what is looked up only now and then is looked up again
    const std::string later = whole.run();

    Subject unopened(spec);
    EXPECT_EQ(run_twice(unopened, {}), first) << spec.name << ", of which no file was open";
    std::vector<std::string> lost(whole.kept.files.begin(), whole.kept.files.end());
    files += lost.size();
    lost.emplace_back();  // no file is lost: only new ones are refused
    for (const std::string& file : lost) {
      Subject cut(spec);
      cut.run();
      cut.clock.advance(std::chrono::hours(1));
      EXPECT_EQ(run_twice(cut, file), later) << spec.name << " without " << file;
    }
  }
  EXPECT_GE(subjects, 10U);
  EXPECT_GE(files, 15U);
}

}  // namespace
}  // namespace vitalsd
