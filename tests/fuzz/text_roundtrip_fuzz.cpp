// Labels and values made from bytes are encoded and read back unchanged.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/sink.h"
#include "core/utf8.h"
#include "exporters/text.h"
#include "tests/exporters/parse_exposition.h"

namespace {

std::string as_utf8(std::string_view text) {
  std::string out;
  vitalsd::append_valid_utf8(out, text, [](std::string& to, char c) { to += c; });
  return out;
}

std::string_view take(std::string_view& bytes, std::size_t count) {
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(taken.size());
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::string_view kNames[] = {"index", "text"};
  static constexpr vitalsd::Family kFamily{"fuzz", vitalsd::Kind::gauge, "Help.", {}, kNames};
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto block = std::make_shared<vitalsd::Block>();
  vitalsd::BlockSink sink(*block);
  vitalsd::ParsedText expected;
  while (bytes.size() > sizeof(double)) {
    double value = 0;
    std::memcpy(&value, take(bytes, sizeof value).data(), sizeof value);
    const std::string_view text = take(bytes, static_cast<unsigned char>(take(bytes, 1)[0]));
    const std::string index = std::to_string(expected.values.size());
    sink.add(kFamily, {index, text}, value);
    expected.values[{"fuzz", {{"index", index}, {"text", as_utf8(text)}}}] = value;
  }
  block->finish();
  std::string text;
  vitalsd::TextEncoder().encode({block}, text);
  const auto parsed = vitalsd::parse_exposition(text);
  if (!parsed || parsed->values.size() != expected.values.size()) std::abort();
  auto ours = parsed->values.begin();
  for (const auto& [series, value] : expected.values) {
    if (ours->first != series || !vitalsd::same_value(ours->second, value)) std::abort();
    ++ours;
  }
  return 0;
}
