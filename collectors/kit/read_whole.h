// Reads a file that may be longer than its source allows, up to a limit of its own.
#pragma once

#include <string>
#include <string_view>

#include "core/fd.h"
#include "core/files.h"

namespace vitalsd {

inline Result<std::string_view> read_whole(const FileSource& source, std::string_view path, std::string& buffer,
                                           std::size_t limit, Keep keep = Keep::yes) {
  auto text = source.read(path, buffer, keep);
  if (text || text.error().code != Errc::too_large) return text;
  const auto opened = source.open(path);
  if (!opened) return fail(opened.error());
  const Fd fd(*opened);
  return read_to_end(fd.get(), buffer, limit, text.error().where);
}

}  // namespace vitalsd
