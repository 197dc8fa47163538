#include "collectors/formats/kmsg.h"

#include <charconv>

namespace vitalsd::kmsg {
namespace {

constexpr std::string_view kFormat = "kmsg";

// The number up to the next comma, which both are taken from `text`.
template <class Int>
bool take_number(std::string_view& text, Int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto size = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || size == text.size() || text[size] != ',') return false;
  text.remove_prefix(size + 1);
  return true;
}

}  // namespace

Result<Record> parse(std::string_view record) {
  Record out;
  unsigned priority = 0;
  std::uint64_t time = 0;
  if (!take_number(record, priority) || !take_number(record, out.sequence) || !take_number(record, time))
    return fail(Errc::malformed, kFormat);
  const std::size_t head = record.find(';');
  if (head == record.npos || record.substr(0, head).find('\n') != record.npos) return fail(Errc::malformed, kFormat);
  out.level = priority % 8;
  out.facility = priority / 8;
  out.continues = record.substr(0, head).starts_with('+');
  record.remove_prefix(head + 1);
  out.text = record.substr(0, record.find('\n'));
  return out;
}

}  // namespace vitalsd::kmsg
