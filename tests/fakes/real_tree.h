// A tree of ordinary files with the layout proc/ sys/ root/ cgroup/, for tests that need real descriptors, inodes and
// links.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {

class RealTree : public testing::Test {
 protected:
  RealTree() {
    std::string pattern = testing::TempDir() + "/tree_XXXXXX";
    directory = ::mkdtemp(pattern.data());
    for (const char* part : {"proc/self", "sys", "root", "cgroup"})
      std::filesystem::create_directories(directory / part);
    host = fixture_host(directory, clock);
    host.units.ticks_per_second = 100;
  }
  ~RealTree() override { std::filesystem::remove_all(directory); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((directory / name).parent_path());
    std::ofstream(directory / name, std::ios::binary) << text;
  }
  void symlink(const std::string& name, const std::string& target) const {
    std::filesystem::create_directories((directory / name).parent_path());
    ASSERT_EQ(::symlink(target.c_str(), (directory / name).c_str()), 0);
  }
  void hard_link(const std::string& name, const std::string& to) const {
    std::filesystem::create_directories((directory / name).parent_path());
    std::filesystem::create_hard_link(directory / to, directory / name);
  }
  void make(const char* collector_name, std::initializer_list<std::pair<const char*, const char*>> given) {
    const CollectorSpec& spec = *find_collector(collector_name);
    Options options = Options::defaults(spec.options);
    for (const auto& [option, value] : given) options.set(option, {.text = value, .items = {}, .records = {}});
    collector = spec.make(options);
  }
  /// The exposition of one round.
  const std::string& round() {
    last = run_collector(*collector, host, lasting);
    EXPECT_TRUE(last.result) << describe(last.result.error());
    return last.text;
  }
  /// Whether the collector wants a run, asked as the loop asks.
  bool wakes() const {
    pollfd polled{.fd = collector->wake_fd(), .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, 0) == 1 && collector->woken();
  }
  /// The run that it then wants, for which nobody else waits.
  const RunResult& woken() {
    last = run_collector(*collector, host, lasting, true);
    EXPECT_TRUE(last.result) << describe(last.result.error());
    return last;
  }
  std::string value(const std::string& series) const { return sample(last.text, series).value_or("absent"); }

  std::filesystem::path directory;
  FakeClock clock;
  Host host;
  std::chrono::nanoseconds lasting{};
  std::unique_ptr<Collector> collector;
  RunResult last;
};

}  // namespace vitalsd
