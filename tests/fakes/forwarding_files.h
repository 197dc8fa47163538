// A FileSource that forwards all calls to another, as a base for those that change one of them.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/files.h"

namespace vitalsd {

class ForwardingFiles : public FileSource {
 public:
  explicit ForwardingFiles(std::string root) : files_(open_directory(std::move(root))) {}
  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    return files_->read(path, buffer, keep);
  }
  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep) const override {
    return files_->attribute(path, buffer, keep);
  }
  Result<std::string_view> link(std::string_view path, std::string& buffer) const override {
    return files_->link(path, buffer);
  }
  Result<void> list(std::string_view path, Names& out) const override { return files_->list(path, out); }
  Result<void> directories(std::string_view path, Names& out) const override { return files_->directories(path, out); }
  Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep keep) const override {
    return files_->count(path, scratch, keep);
  }
  Result<int> open(std::string_view path) const override { return files_->open(path); }
  Result<RegularFile> regular(std::string_view path, std::string& buffer) const override {
    return files_->regular(path, buffer);
  }
  bool is_kernel() const noexcept override { return files_->is_kernel(); }

 private:
  std::unique_ptr<FileSource> files_;
};

}  // namespace vitalsd
