#include "collectors/automation/exec_families.h"

namespace vitalsd {
namespace {

void add_known(Sink& sink, const Family& family, std::initializer_list<std::string_view> labels, double value) {
  if (!std::isnan(value)) sink.add(family, labels, value);
}

void publish_perfdata(Sink& sink, std::string_view command, const PerfDatum& datum) {
  if (datum.is_counter) {
    sink.add(kPerfCounter, {command, datum.label}, datum.value);
  } else {
    sink.add(kPerfValue, {command, datum.label, datum.unit}, datum.value);
  }
  add_known(sink, kPerfThreshold, {command, datum.label, datum.unit, "warning", "low"}, datum.warning.low);
  add_known(sink, kPerfThreshold, {command, datum.label, datum.unit, "warning", "high"}, datum.warning.high);
  add_known(sink, kPerfThreshold, {command, datum.label, datum.unit, "critical", "low"}, datum.critical.low);
  add_known(sink, kPerfThreshold, {command, datum.label, datum.unit, "critical", "high"}, datum.critical.high);
  add_known(sink, kPerfLeast, {command, datum.label, datum.unit}, datum.least);
  add_known(sink, kPerfMost, {command, datum.label, datum.unit}, datum.most);
}

}  // namespace

void publish_exec(Sink& sink, const ExecFacts& facts, const CommandReading& reading) {
  const std::string_view name = facts.name;
  sink.add_rows(kExecRows, facts, sink.labels(kExecLabels, std::span(&name, 1)));
  if (reading.state) sink.add(kPluginState, {name}, *reading.state);
  for (const PerfDatum& datum : reading.perfdata) publish_perfdata(sink, name, datum);
}

}  // namespace vitalsd
