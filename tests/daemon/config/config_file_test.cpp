// The configuration file must be a regular file of at most 1 MiB.
#include "daemon/config/config_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace vitalsd::conf {
namespace {

class ConfigFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/config_file_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string directory_;
};

TEST_F(ConfigFile, IsRead) {
  EXPECT_EQ(read_config_file(write("a", "x: 1\n")), "x: 1\n");
  EXPECT_EQ(read_config_file(write("empty", "")), "");
  EXPECT_EQ(read_config_file(write("most", std::string(kConfigFileLimit, 'x')))->size(), kConfigFileLimit);
}

TEST_F(ConfigFile, IsRefusedWithItsReason) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const std::pair<std::string, std::string> cases[] = {
      {path("none"), "cannot open '" + path("none") + "': No such file or directory"},
      {directory_, "'" + directory_ + "' is a directory, a file is needed"},
      {path("fifo"), "'" + path("fifo") + "' is not a regular file"},
      {"/dev/zero", "'/dev/zero' is not a regular file"},
      {write("huge", std::string(kConfigFileLimit + 1, 'x')), "'" + path("huge") + "' is larger than 1 MiB"},
  };
  for (const auto& [file, expected] : cases) {
    const auto text = read_config_file(file);
    ASSERT_FALSE(text) << file;
    EXPECT_EQ(text.error(), expected);
  }
}

}  // namespace
}  // namespace vitalsd::conf
