#include "collectors/automation/command_reading.h"

#include <array>
#include <charconv>

#include "collectors/formats/json_values.h"

namespace vitalsd {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

void append_number(std::string& out, double value) {
  std::array<char, 32> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

// One family with one sample, as text.
void append_family(std::string& out, const CommandSpec& spec, std::string_view metric, std::string_view value) {
  if (!spec.help.empty()) {
    out.append("# HELP ").append(metric).append(" ");
    for (const char c : spec.help) out.append(c == '\\' ? "\\\\" : c == '\n' ? "\\n" : std::string_view(&c, 1));
    out += '\n';
  }
  out.append("# TYPE ").append(metric).append(metric.ends_with("_total") ? " counter\n" : " gauge\n");
  out.append(metric).append(" ").append(value).append("\n");
}

std::string read_number(const CommandSpec& spec, std::string_view output, std::string& out) {
  const std::string_view number = trimmed(output);
  if (number.empty()) return "printed nothing";
  if (number.find_first_of(" \t\r\n") != std::string_view::npos) return "printed more than a number";
  append_family(out, spec, spec.metric, number);
  return {};
}

std::string read_json(const CommandSpec& spec, std::string_view output, std::string& out, FaultSink& faults) {
  const JsonNumbers numbers(output);
  if (!numbers.ok()) return "printed no JSON";
  for (const auto& [metric, pointer] : spec.values) {
    const auto value = numbers.at(pointer);
    if (!value) {
      faults.partial(spec.name + ": " + metric + " at " + pointer, "JSON value", value.error(),
                     "correct the pointer in collectors.exec.commands");
      continue;
    }
    std::string digits;
    append_number(digits, *value);
    append_family(out, spec, metric, digits);
  }
  return out.empty() ? "printed none of the values" : "";
}

}  // namespace

std::string CommandReading::read(const CommandSpec& spec, int exit_code, std::string_view output, FaultSink& faults) {
  if (spec.format == OutputFormat::nagios) {
    state = exit_code;
    perfdata = parse_perfdata(output, faults);
    return {};
  }
  std::string fault;
  switch (spec.format) {
    case OutputFormat::number: fault = read_number(spec, output, text); break;
    case OutputFormat::json: fault = read_json(spec, output, text, faults); break;
    default: text = output;
  }
  if (!fault.empty()) return fault;
  if (const auto error = exposition::parse(text, {.samples = spec.series}, samples)) {
    return "line " + std::to_string(error->line) + ", column " + std::to_string(error->column) +
           " of its output: " + std::string(error->what);
  }
  return samples.timestamps ? "timestamps are not supported here" : "";
}

}  // namespace vitalsd
