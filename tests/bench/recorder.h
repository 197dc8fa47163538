// A source over a real directory that writes down which files were read, so that their bare price can be measured.
#pragma once

#include <set>
#include <string>

#include "tests/fakes/forwarding_files.h"

namespace vitalsd::bench {

class Recorder final : public ForwardingFiles {
 public:
  Recorder(std::string root, std::multiset<std::string>& seen)
      : ForwardingFiles(root), root_(std::move(root)), seen_(seen) {}
  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    return note(path, ForwardingFiles::read(path, buffer, keep));
  }
  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep) const override {
    return note(path, ForwardingFiles::attribute(path, buffer, keep));
  }

 private:
  Result<std::string_view> note(std::string_view path, Result<std::string_view> result) const {
    if (result) seen_.insert(root_ + "/" + std::string(path));
    return result;
  }
  std::string root_;
  std::multiset<std::string>& seen_;
};

}  // namespace vitalsd::bench
