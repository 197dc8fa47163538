// A source over a real directory that writes down which files were read, so that their bare price can be measured.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "core/files.h"

namespace vitalsd::bench {

class Recorder final : public FileSource {
 public:
  Recorder(std::string root, std::multiset<std::string>& seen)
      : root_(root), inner_(open_directory(root)), seen_(seen) {}
  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    return note(path, inner_->read(path, buffer, keep));
  }
  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep) const override {
    return note(path, inner_->attribute(path, buffer, keep));
  }
  Result<std::string_view> link(std::string_view path, std::string& buffer) const override {
    return inner_->link(path, buffer);
  }
  Result<void> list(std::string_view path, Names& out) const override { return inner_->list(path, out); }
  Result<void> directories(std::string_view path, Names& out) const override { return inner_->directories(path, out); }
  Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep keep) const override {
    return inner_->count(path, scratch, keep);
  }
  Result<int> open(std::string_view path) const override { return inner_->open(path); }
  Result<std::chrono::system_clock::time_point> modified(std::string_view path) const override {
    return inner_->modified(path);
  }
  bool is_kernel() const noexcept override { return inner_->is_kernel(); }

 private:
  Result<std::string_view> note(std::string_view path, Result<std::string_view> result) const {
    if (result) seen_.insert(root_ + "/" + std::string(path));
    return result;
  }
  std::string root_;
  std::unique_ptr<FileSource> inner_;
  std::multiset<std::string>& seen_;
};

}  // namespace vitalsd::bench
