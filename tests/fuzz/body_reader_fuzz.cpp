// A chunked body, cut anywhere: it gives the same bytes as uncut, takes no more room than it has, and ends.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporters/http/body_reader.h"

namespace {

struct Outcome {
  std::string body;
  std::size_t used = 0;
  bool done = false, failed = false;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t piece, std::size_t room) {
  vitalsd::http::BodyReader reader(std::nullopt);
  Outcome outcome;
  while (outcome.used < bytes.size() && !reader.is_done() && !reader.has_failed()) {
    std::string part;
    const std::size_t used = reader.take(bytes.substr(outcome.used, piece), part, room);
    if (part.size() > room || used == 0) std::abort();
    outcome.used += used;
    outcome.body += part;
  }
  outcome.done = reader.is_done();
  outcome.failed = reader.has_failed();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  const Outcome whole = read(bytes, bytes.size() + 1, bytes.size() + 1);
  if (whole != read(bytes, data[0] + std::size_t{1}, data[1] + std::size_t{1})) std::abort();
  if (whole.body.size() > bytes.size()) std::abort();
  return 0;
}
