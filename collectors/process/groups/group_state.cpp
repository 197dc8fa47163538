// The state that GroupTracker saves for the next daemon: one line for the totals, and one per group, thread name and
// process.
#include <algorithm>
#include <array>
#include <charconv>

#include "collectors/process/groups/group_tracker.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::string_view kFormat = "group state";
constexpr std::size_t kGroupsLimit = 1'000'000;

constexpr std::uint64_t ProcessCounts::* kCounts[] = {&ProcessCounts::user,
                                                      &ProcessCounts::system,
                                                      &ProcessCounts::run_delay,
                                                      &ProcessCounts::read_bytes,
                                                      &ProcessCounts::write_bytes,
                                                      &ProcessCounts::major_faults,
                                                      &ProcessCounts::minor_faults,
                                                      &ProcessCounts::voluntary_switches,
                                                      &ProcessCounts::nonvoluntary_switches};
constexpr std::uint64_t GroupErrors::* kErrors[] = {&GroupErrors::scrapes, &GroupErrors::processes,
                                                    &GroupErrors::partial, &GroupErrors::folded};

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& line(std::string_view key) {
    out_.append(key);
    return *this;
  }
  template <class Number>
  Writer& number(Number value) {
    std::array<char, 32> text;
    out_ += ' ';
    out_.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
    return *this;
  }
  Writer& counts(const ProcessCounts& counts) {
    for (const auto member : kCounts) number(counts.*member);
    return *this;
  }
  // Encodes a name as a word without blanks, whatever bytes it has.
  Writer& name(std::string_view name) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out_ += " =";
    for (const char c : name) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte <= ' ' || byte == '%') {
        out_ += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
      } else {
        out_ += c;
      }
    }
    return *this;
  }
  void histogram(std::string_view key, const NativeHistogram& histogram) {
    if (histogram.count() == 0) return;
    line(key).number(histogram.schema()).number(histogram.zero_count()).number(histogram.sum());
    number(histogram.offset());
    for (const std::uint64_t bucket : histogram.buckets()) number(bucket);
    end();
  }
  void end() { out_ += '\n'; }

 private:
  std::string& out_;
};

std::string read_name(Scan& scan) {
  std::string name;
  std::string_view word = scan.word();
  if (!word.starts_with('=')) scan.set_failed();
  while (word.size() > 1) {
    word.remove_prefix(1);
    if (word.front() != '%') {
      name += word.front();
      continue;
    }
    unsigned byte = 0;
    const auto hex = word.substr(1, 2);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), byte, 16);
    if (error != std::errc{} || hex.size() != 2 || end != hex.data() + 2) {
      scan.set_failed();
      return {};
    }
    name += static_cast<char>(byte);
    word.remove_prefix(2);
  }
  return name;
}

void read_counts(Scan& scan, ProcessCounts& counts) {
  for (const auto member : kCounts) counts.*member = scan.integer();
}

void read_histogram(Scan& scan, NativeHistogram& histogram) {
  const int schema = scan.integer<int>();
  const std::uint64_t zero = scan.integer();
  const double sum = scan.number();
  const int offset = scan.integer<int>();
  std::array<std::uint64_t, NativeHistogram::kBucketsLimit> buckets;
  std::size_t size = 0;
  while (scan.ok() && !scan.skip_blanks().at_end() && size < buckets.size()) buckets[size++] = scan.integer();
  if (!scan.ok() || !histogram.restore(schema, zero, sum, offset, {buckets.data(), size})) scan.set_failed();
}

bool ended(Scan& scan) { return scan.ok() && scan.skip_blanks().at_end(); }

}  // namespace

void GroupTracker::save(std::string& out) const {
  Writer writer(out);
  writer.line("rules").number(rules_.fingerprint()).number(static_cast<int>(options_.children)).end();
  writer.line("whole").number(first_update_).number(other_cpu_);
  for (const auto member : kErrors) writer.number(errors_.*member);
  writer.end();
  for (const auto& [name, group] : groups_) {
    writer.line("group").name(name).number(static_cast<unsigned>(group.counted)).number(group.exited);
    writer.counts(group.total).end();
    writer.histogram("cores", group.usage.cores);
    writer.histogram("bytes", group.usage.bytes);
    for (const auto& [reason, count] : group.exits) writer.line("exits").name(reason).number(count).end();
    for (const auto& [thread, totals] : group.by_thread) {
      writer.line("thread").name(thread).number(static_cast<int>(totals.io)).counts(totals.total).end();
    }
  }
  for (const auto& [pid, process] : processes_) {
    writer.line("process").number(pid).number(process.id.start).number(process.parent);
    writer.number(static_cast<int>(process.settled)).number(static_cast<unsigned>(process.has));
    writer.number(process.children).counts(process.last);
    if (process.group != nullptr) writer.name(process.group->name);
    writer.end();
  }
}

// Reads the whole text before it changes anything.
Result<void> GroupTracker::restore(std::string_view text) {
  std::map<std::string, Group, std::less<>> groups;
  std::unordered_map<std::int32_t, Process> processes;
  GroupErrors errors;
  std::uint64_t first = 0, other = 0;
  Group* group = nullptr;
  bool same_rules = false;
  Scan lines(text, kFormat);
  while (!lines.at_end()) {
    Scan scan(lines.line(), kFormat);
    const std::string_view key = scan.word();
    if (key == "rules") {
      same_rules = scan.integer() == rules_.fingerprint();
      same_rules = (scan.integer<int>() != 0) == options_.children && same_rules;
    } else if (key == "whole") {
      first = scan.integer();
      other = scan.integer();
      for (const auto member : kErrors) errors.*member = scan.integer();
    } else if (key == "group") {
      std::string name = read_name(scan);
      group = &groups.try_emplace(name, Group(name)).first->second;
      group->counted = static_cast<Has>(scan.integer<std::uint16_t>());
      group->exited = scan.integer();
      read_counts(scan, group->total);
    } else if (key == "exits" && group != nullptr) {
      const std::string reason = read_name(scan);
      group->exits[reason] = scan.integer();
    } else if (key == "cores" && group != nullptr) {
      read_histogram(scan, group->usage.cores);
    } else if (key == "bytes" && group != nullptr) {
      read_histogram(scan, group->usage.bytes);
    } else if (key == "thread" && group != nullptr) {
      ThreadGroup& thread = group->by_thread[read_name(scan)];
      thread.io = scan.integer<int>() != 0;
      read_counts(scan, thread.total);
    } else if (key == "process") {
      const auto pid = scan.integer<std::int32_t>();
      Process& process = processes[pid];
      process.id = {pid, scan.integer()};
      process.parent = scan.integer<std::int32_t>();
      process.settled = scan.integer<int>() != 0;
      process.has = static_cast<Has>(scan.integer<std::uint16_t>());
      process.children = scan.integer();
      read_counts(scan, process.last);
      process.restored = true;
      if (!scan.skip_blanks().at_end()) {
        const auto found = groups.find(read_name(scan));
        if (found == groups.end()) return fail(Errc::malformed, kFormat);
        process.group = &found->second;
      }
    } else {
      return fail(Errc::malformed, kFormat);
    }
    if (!ended(scan) || groups.size() > kGroupsLimit) return fail(Errc::malformed, kFormat);
  }
  if (!same_rules) {
    for (auto& [pid, process] : processes) {
      process.group = nullptr;
      process.settled = false;
    }
  }
  for (const auto& [name, known] : groups_) groups.try_emplace(name, Group(name)).first->second.named = known.named;
  for (auto& [name, each] : groups) {
    each.fixed = rules_.names_outright(name);
    each.met = each.lasted = true;
    each.usage.cpu = each.total.user + each.total.system + each.exited;
    each.hidden = options_.top != 0 && !each.named && name != kOther;  // the first sample shows which are the largest
  }
  groups_ = std::move(groups);
  processes_ = std::move(processes);
  errors_ = errors;
  other_cpu_ = other;
  first_update_ = first;
  return {};
}

}  // namespace vitalsd
