// A FileSource in memory: returns contents, injects errno, and records what was read.
#pragma once

#include <cerrno>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/files.h"

namespace vitalsd {

class FakeFiles final : public FileSource {
 public:
  FakeFiles& file(std::string path, std::string content) {
    files_[std::move(path)] = std::move(content);
    return *this;
  }
  FakeFiles& symlink(std::string path, std::string target) {
    links_[std::move(path)] = std::move(target);
    return *this;
  }
  /// From now on every access to `path` fails with this errno.
  FakeFiles& error(std::string path, int sys) {
    errors_[std::move(path)] = sys;
    return *this;
  }
  FakeFiles& remove(std::string_view path) {
    std::erase_if(files_, [path](const auto& f) { return f.first.starts_with(path); });
    std::erase_if(links_, [path](const auto& f) { return f.first.starts_with(path); });
    return *this;
  }
  /// The inode of a directory; see Names::inode().
  FakeFiles& inode(std::string path, std::uint64_t inode) {
    inodes_[std::move(path)] = inode;
    return *this;
  }
  /// Sets when `path` was last written. The default is the moment at which FakeClock starts.
  FakeFiles& touch(std::string path, std::chrono::system_clock::time_point when) {
    modified_[std::move(path)] = when;
    return *this;
  }
  /// Calls `hook` with the path before each access, so that a test can change files while they are read.
  FakeFiles& on_access(std::function<void(const std::string&)> hook) {
    hook_ = std::move(hook);
    return *this;
  }
  /// Undoes error().
  FakeFiles& heal(const std::string& path) {
    errors_.erase(path);
    return *this;
  }
  void forget_reads() { reads_.clear(); }
  const std::vector<std::string>& reads() const { return reads_; }

  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep) const override {
    accessed(path);
    if (const auto bad = errors_.find(path); bad != errors_.end()) return failed(bad->second);
    const auto found = files_.find(path);
    if (found == files_.end()) return failed(ENOENT);
    buffer = found->second;
    return std::string_view(buffer);
  }
  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep) const override {
    auto text = read(path, buffer, keep);
    if (text && text->ends_with('\n')) text->remove_suffix(1);
    return text;
  }
  Result<std::string_view> link(std::string_view path, std::string& buffer) const override {
    accessed(path);
    if (const auto bad = errors_.find(path); bad != errors_.end()) return failed(bad->second);
    const auto found = links_.find(path);
    if (found == links_.end()) return failed(ENOENT);
    buffer = found->second;
    return std::string_view(buffer);
  }
  Result<void> list(std::string_view path, Names& out) const override { return list(path, out, false); }
  Result<void> directories(std::string_view path, Names& out) const override { return list(path, out, true); }
  Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep) const override {
    if (auto listed = list(path, scratch); !listed) return fail(listed.error());
    return scratch.size();
  }
  Result<int> open(std::string_view path) const override {
    return files_.contains(std::string(path)) ? Result<int>(-1) : failed(ENOENT);
  }
  Result<RegularFile> regular(std::string_view path, std::string& buffer) const override {
    const auto text = attribute(path, buffer, Keep::no);
    if (!text) return fail(text.error());
    const auto found = modified_.find(path);
    return RegularFile{*text, found == modified_.end()
                                  ? std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000))
                                  : found->second};
  }
  bool is_kernel() const noexcept override { return false; }

 private:
  Result<void> list(std::string_view path, Names& out, bool directories) const {
    accessed(path);
    if (const auto bad = errors_.find(path); bad != errors_.end()) return failed(bad->second);
    const std::string prefix = path.empty() || path == "." ? "" : std::string(path) + "/";
    bool there = false;
    std::set<std::string, std::less<>> names;
    const auto take = [&](const auto& entries) {
      for (const auto& [name, content] : entries) {
        if (!name.starts_with(prefix)) continue;
        there = true;
        const std::size_t end = name.find('/', prefix.size());
        if (!directories || end != std::string::npos) names.insert(name.substr(prefix.size(), end - prefix.size()));
      }
    };
    take(files_);
    take(links_);
    out.clear();
    if (!there) return failed(ENOENT);
    for (const auto& name : names) {
      const auto inode = inodes_.find(prefix + name);
      out.add(name, inode == inodes_.end() ? 0 : inode->second);
    }
    return {};
  }
  void accessed(std::string_view path) const {
    reads_.emplace_back(path);
    if (hook_) hook_(reads_.back());
  }
  static std::unexpected<Error> failed(int sys) { return fail(classify_errno(sys), "fake file", sys); }

  std::map<std::string, std::string, std::less<>> files_;
  std::map<std::string, std::string, std::less<>> links_;
  std::map<std::string, int, std::less<>> errors_;
  std::map<std::string, std::uint64_t, std::less<>> inodes_;
  std::map<std::string, std::chrono::system_clock::time_point, std::less<>> modified_;
  std::function<void(const std::string&)> hook_;
  mutable std::vector<std::string> reads_;
};

}  // namespace vitalsd
