#include "collectors/kit/attributes.h"

#include <cerrno>
#include <charconv>

namespace vitalsd {
namespace {

// Errors that drivers return for an attribute that the device lacks at the moment, seen in drivers/{net,hwmon,power}.
bool is_absent(const Error& error) {
  switch (error.sys) {
    case EINVAL:
    case ENODATA:
    case EOPNOTSUPP:
    case ENXIO:
    case EIO:
    case ENODEV:
    case ETIMEDOUT:
    case EBUSY:
    case ENOTCONN:
    case ENETDOWN: return true;
    default: return is_gone(error);
  }
}

Result<double> number_of(std::string_view text, std::string_view where, int base) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (base == 0) base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    std::uint64_t value{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (ec != std::errc{} || end != text.data() + text.size()) return fail(Errc::malformed, where);
    return static_cast<double>(value);
  }
  double value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (ec != std::errc{} || end != text.data() + text.size()) return fail(Errc::malformed, where);
  return value;
}

}  // namespace

std::string_view join_path(std::string& buffer, std::string_view directory, std::string_view file) {
  buffer.assign(directory).append("/").append(file);
  return buffer;
}

Result<std::string_view> read_attribute(const FileSource& source, std::string_view directory, std::string_view file,
                                        CollectContext& context, Keep keep) {
  thread_local std::string path;
  const auto text = source.attribute(join_path(path, directory, file), context.buffer, keep);
  if (text) return *text;
  if (is_absent(text.error())) return fail(Errc::unavailable, file, text.error().sys);
  context.faults.partial(directory, file, text.error(), {});
  return fail({text.error().code, text.error().sys, file});
}

std::string_view take_attribute(std::string& out, const FileSource& source, std::string_view directory,
                                std::string_view file, CollectContext& context, Keep keep) {
  const auto text = read_attribute(source, directory, file, context, keep);
  out = text ? *text : std::string_view();
  return out;
}

Result<double> read_number(const FileSource& source, std::string_view directory, std::string_view file,
                           CollectContext& context, int base, Keep keep) {
  const auto text = read_attribute(source, directory, file, context, keep);
  if (!text) return fail(text.error());
  const auto value = number_of(*text, file, base);
  if (!value) context.faults.partial(directory, file, value.error(), {});
  return value;
}

namespace {

Result<double> value_of(const Attribute& attribute, const FileSource& source, std::string_view directory,
                        CollectContext& context) {
  auto value = read_number(source, directory, attribute.file, context, attribute.base);
  constexpr double kMost = 18446744073709551616.0;  // 2^64: no counter of the kernel gets there
  if (!value || attribute.family.kind != Kind::counter || (*value >= 0 && *value < kMost)) return value;
  const Error no_count{Errc::malformed, 0, attribute.file};
  context.faults.partial(directory, attribute.file, no_count, {});
  return fail(no_count);
}

// `first` is the first error that says more than that a file is missing.
std::size_t add_each(std::span<const Attribute> table, const FileSource& source, std::string_view directory,
                     CollectContext& context, Sink& sink, LabelId labels, Error& first) {
  std::size_t added = 0;
  for (const Attribute& attribute : table) {
    const auto value = value_of(attribute, source, directory, context);
    if (value) {
      sink.add(attribute.family, labels, *value * attribute.scale);
      ++added;
    } else if (first.code == Errc::unavailable) {
      first = value.error();
      if (first.sys != 0) first.code = classify_errno(first.sys);  // none of the reasons of a driver
    }
  }
  return added;
}

}  // namespace

std::size_t add_attributes(std::span<const Attribute> table, const FileSource& source, std::string_view directory,
                           CollectContext& context, Sink& sink, LabelId labels) {
  Error ignored{Errc::unavailable, 0, directory};
  return add_each(table, source, directory, context, sink, labels, ignored);
}

Result<void> require_attributes(std::span<const Attribute> table, const FileSource& source, std::string_view directory,
                                CollectContext& context, Sink& sink) {
  Error first{Errc::unavailable, 0, directory};
  if (add_each(table, source, directory, context, sink, kNoLabels, first) == 0) return fail(first);
  return {};
}

}  // namespace vitalsd
