// What the files of others become, and what each of them can cost.
#include <sys/stat.h>

#include <filesystem>

#include "tests/fakes/real_tree.h"

namespace vitalsd {
namespace {

class Textfile : public RealTree {
 protected:
  RunResult run(std::initializer_list<const char*> patterns, const char* size = "1Mi") {
    const CollectorSpec& spec = *find_collector("textfile");
    Options options = Options::defaults(spec.options);
    std::vector<std::string> directories;
    for (const char* pattern : patterns) directories.push_back((directory / pattern).string());
    options.set("directory", {.text = "", .items = directories, .records = {}});
    options.set("max_file_size", {.text = size, .items = {}, .records = {}});
    return run_collector(*spec.make(options), host);
  }
  std::string path(const char* name) const { return (directory / name).string(); }
};

TEST_F(Textfile, FilesOfSeveralDirectoriesAreMerged) {
  write("d1/a.prom", "# TYPE a counter\n# HELP a What a is.\na{x=\"1\"} 1\n");
  write("d1/ignored.txt", "b 1\n");
  write("d2/b.prom", "# TYPE a counter\na{x=\"2\"} 2\nb 3\n");
  write("e/c.prom", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 4\nh_sum 1\nh_count 4\n");
  const RunResult got = run({"d*", "e"});
  ASSERT_TRUE(got.result);
  EXPECT_TRUE(got.faults.empty());
  EXPECT_EQ(sample(got.text, "a{x=\"1\"}"), "1");
  EXPECT_EQ(sample(got.text, "a{x=\"2\"}"), "2");
  EXPECT_EQ(sample(got.text, "h_bucket{le=\"+Inf\"}"), "4");
  EXPECT_EQ(sample(got.text, "h_count"), "4");
  EXPECT_EQ(sample(got.text, "node_textfile_scrape_error"), "0");
  EXPECT_TRUE(sample(got.text, "node_textfile_mtime_seconds{file=\"" + path("d2/b.prom") + "\"}"));
  EXPECT_NE(got.text.find("# HELP a What a is.\n"), std::string::npos);
  EXPECT_NE(got.text.find("# HELP b Metric read from " + path("d2/b.prom") + "\n"), std::string::npos);
}

TEST_F(Textfile, ABadFileCostsItself) {
  write("d/bad.prom", "x 1\nx y\n");
  write("d/cut.prom", "y 12");
  write("d/good.prom", "g 1\n");
  write("d/large.prom", "# " + std::string(3000, 'x') + "\n");
  write("d/timed.prom", "z 1 1700000000000\n");
  ASSERT_EQ(::mkfifo(path("d/fifo.prom").c_str(), 0600), 0);
  const RunResult got = run({"d"}, "2Ki");
  ASSERT_TRUE(got.result);
  EXPECT_EQ(sample(got.text, "g"), "1");
  EXPECT_EQ(sample(got.text, "node_textfile_scrape_error"), "1");
  EXPECT_EQ(got.faults.size(), 5U);
  EXPECT_EQ(got.faults[0].entity, path("d/bad.prom") + ":2:3: a number is expected");
  for (const char* lost : {"x", "y", "z"}) EXPECT_FALSE(sample(got.text, lost)) << lost;
  EXPECT_FALSE(sample(got.text, "node_textfile_mtime_seconds{file=\"" + path("d/bad.prom") + "\"}"));
}

TEST_F(Textfile, TheFirstFileDecides) {
  write("d/1.prom", "# TYPE a counter\na 1\n# HELP b One.\nb{f=\"1\"} 1\nc 1\n");
  write("d/2.prom", "# TYPE a gauge\na{f=\"2\"} 2\n# HELP b Two.\nb{f=\"2\"} 2\nc 2\nnode_textfile_scrape_error 7\n");
  const RunResult got = run({"d"});
  ASSERT_TRUE(got.result);
  EXPECT_EQ(sample(got.text, "a"), "1");
  EXPECT_FALSE(sample(got.text, "a{f=\"2\"}"));
  EXPECT_FALSE(sample(got.text, "b{f=\"2\"}"));
  EXPECT_EQ(sample(got.text, "c"), "1");
  EXPECT_EQ(got.faults.size(), 4U);
  EXPECT_EQ(sample(got.text, "node_textfile_scrape_error"), "1");
}

TEST_F(Textfile, AnEmptyHelpIsNone) {
  write("d/1.prom", "# HELP a \na{f=\"1\"} 1\n# HELP b \nb 1\n");
  write("d/2.prom", "# HELP a What a is.\na{f=\"2\"} 2\n");
  const RunResult got = run({"d"});
  EXPECT_TRUE(got.faults.empty());
  EXPECT_NE(got.text.find("# HELP a What a is.\n"), std::string::npos) << got.text;
  EXPECT_EQ(sample(got.text, "a{f=\"2\"}"), "2");
  EXPECT_NE(got.text.find("# HELP b Metric read from " + path("d/1.prom") + "\n"), std::string::npos) << got.text;
}

TEST_F(Textfile, AMissingDirectoryIsAnErrorAndNoneIsNot) {
  EXPECT_EQ(sample(run({"no-such"}).text, "node_textfile_scrape_error"), "1");
  EXPECT_EQ(sample(run({}).text, "node_textfile_scrape_error"), "0");
}

TEST_F(Textfile, AFileThatIsWrittenWakesIt) {
  write("d/a.prom", "a 1\n");
  const CollectorSpec& spec = *find_collector("textfile");
  Options options = Options::defaults(spec.options);
  options.set("directory", {.text = "", .items = {path("d"), path("e*")}, .records = {}});
  collector = spec.make(options);
  EXPECT_NE(round().find("\na 1\n"), std::string::npos);
  EXPECT_EQ(value("vitalsd_textfile_unwatched_directories"), "0");
  EXPECT_FALSE(wakes());
  write("d/a.tmp", "a 2\n");
  EXPECT_FALSE(wakes());
  std::filesystem::rename(directory / "d/a.tmp", directory / "d/a.prom");
  EXPECT_TRUE(wakes());
  EXPECT_NE(woken().text.find("\na 2\n"), std::string::npos);
  EXPECT_FALSE(wakes());
}

}  // namespace
}  // namespace vitalsd
