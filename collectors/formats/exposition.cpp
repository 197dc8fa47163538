#include "collectors/formats/exposition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "core/metric_name.h"

namespace vitalsd::exposition {
namespace {

struct Suffix {
  std::string_view text;
  Part part;
};
constexpr std::array kSuffixes = {Suffix{"_sum", Part::sum}, Suffix{"_count", Part::count},
                                  Suffix{"_bucket", Part::bucket}};

class Parser {
 public:
  Parser(std::string_view text, const ExpositionLimits& limits, Exposition& out)
      : text_(text), limits_(limits), out_(out) {
    out_.families.clear();
    out_.labels.clear();
    out_.samples.clear();
    out_.timestamps = false;
    out_.unescaped.clear();
    out_.unescaped.reserve(text.size());  // so that views into it stay valid
  }

  std::optional<ExpositionError> run() {
    while (error_.empty() && at_ < text_.size()) {
      line_begin_ = at_;
      ++line_;
      const std::size_t newline = text_.find('\n', at_);
      if (newline == std::string_view::npos) {
        end_ = text_.size();
        if (!skip_blanks()) break;
        at_ = end_;
        refuse("the last line has no newline");
        break;
      }
      end_ = newline;
      if (skip_blanks()) read_line();
      if (!error_.empty()) break;
      if (skip_blanks()) refuse("something follows the end of the line");
      if (error_.empty()) at_ = newline + 1;
    }
    if (error_.empty()) return {};
    return ExpositionError{line_, at_ - line_begin_ + 1, error_};
  }

 private:
  void refuse(std::string_view what) {
    if (error_.empty()) error_ = what;
  }
  bool ok() const { return error_.empty(); }
  bool at_end() const { return at_ >= end_; }
  char here() const { return at_end() ? '\n' : text_[at_]; }
  bool skip_blanks() {
    while (!at_end() && (here() == ' ' || here() == '\t')) ++at_;
    return !at_end();
  }
  std::string_view word() {
    const std::size_t begin = at_;
    while (!at_end() && here() != ' ' && here() != '\t') ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string_view name(bool colons) {
    const std::size_t begin = at_;
    const auto fits = [&](char c) {
      return (colons && c == ':') || (at_ > begin ? is_name_part(c) : is_name_start(c));
    };
    while (!at_end() && fits(here())) ++at_;
    if (at_ == begin) refuse(colons ? "a metric name is expected" : "a label name is expected");
    return text_.substr(begin, at_ - begin);
  }

  // Reads up to `stop`, or to the end of the line if `stop` is 0.
  std::string_view escaped(char stop, bool quotes) {
    const std::size_t begin = out_.unescaped.size();
    for (;; ++at_) {
      if (at_end()) {
        if (stop != '\0') refuse("a quote does not end");
        break;
      }
      char c = here();
      if (c == stop) break;
      if (c == '\\') {
        ++at_;
        c = here();
        if (c == 'n') {
          c = '\n';
        } else if (at_end() || (c != '\\' && !(quotes && c == '"'))) {
          refuse("an unknown escape");
          return {};
        }
      }
      out_.unescaped += c;
    }
    return std::string_view(out_.unescaped).substr(begin);
  }

  std::size_t family_of(std::string_view called) {
    const auto [found, is_new] = index_.try_emplace(called, out_.families.size());
    if (is_new) {
      out_.families.push_back({.name = called, .help = {}});
      sampled_.push_back(false);
    }
    return found->second;
  }

  void read_line() {
    if (here() != '#') return read_sample();
    ++at_;
    skip_blanks();
    const std::string_view keyword = word();
    if (keyword != "HELP" && keyword != "TYPE") {
      at_ = end_;  // a comment
      return;
    }
    skip_blanks();
    const std::string_view called = name(true);
    if (!ok()) return;
    if (!at_end() && here() != ' ' && here() != '\t') return refuse("an invalid metric name");
    skip_blanks();
    const std::size_t index = family_of(called);
    Exposition::Family& family = out_.families[index];
    if (keyword == "HELP") {
      if (family.has_help) return refuse("a second HELP of this metric");
      family.has_help = true;
      family.help = escaped('\0', false);
    } else {
      read_type(family, sampled_[index]);
    }
  }

  void read_type(Exposition::Family& family, bool sampled) {
    if (family.has_type || sampled) return refuse("a TYPE after another or after a sample of this metric");
    const std::size_t begin = at_;
    const std::string_view type = word();
    for (const Kind kind : {Kind::gauge, Kind::counter, Kind::untyped, Kind::histogram, Kind::summary}) {
      if (type_word(kind) != type) continue;
      family.kind = kind;
      family.has_type = true;
      return;
    }
    at_ = begin;
    refuse("an unknown type");
  }

  // The family of a sample, and which part of it the sample is.
  std::pair<std::size_t, Part> place_of(std::string_view called) {
    for (const Suffix& suffix : kSuffixes) {
      if (!called.ends_with(suffix.text)) continue;
      const auto found = index_.find(called.substr(0, called.size() - suffix.text.size()));
      if (found == index_.end()) continue;
      const Kind kind = out_.families[found->second].kind;
      if (kind == Kind::histogram || (kind == Kind::summary && suffix.part != Part::bucket))
        return {found->second, suffix.part};
    }
    return {family_of(called), Part::value};
  }

  void read_sample() {
    const std::size_t begin = at_;
    const std::string_view called = name(true);
    if (!ok()) return;
    const auto [family, part] = place_of(called);
    Exposition::Sample sample{
        .family = family, .first_label = out_.labels.size(), .labels = 0, .part = part, .value = 0};
    skip_blanks();
    if (here() == '{') {
      ++at_;
      read_labels(sample);
    }
    if (!ok()) return;
    skip_blanks();
    sample.value = read_value();
    if (ok() && skip_blanks()) read_timestamp();
    if (!ok()) return;
    const Kind kind = out_.families[family].kind;
    const bool needs_le = part == Part::bucket;
    const bool needs_quantile = kind == Kind::summary && part == Part::value;
    if (kind == Kind::histogram && part == Part::value) return refuse_at(begin, "a sample that no histogram has");
    if ((needs_le && !has_number(sample, "le")) || (needs_quantile && !has_number(sample, "quantile")))
      return refuse_at(begin, "a bucket without le, or a quantile without quantile");
    if (out_.samples.size() >= limits_.samples) return refuse_at(begin, "too many samples");
    if (!seen_.insert(key_of(sample)).second) return refuse_at(begin, "the same series twice");
    sampled_[family] = true;
    out_.samples.push_back(sample);
  }
  void refuse_at(std::size_t where, std::string_view what) {
    at_ = where;
    refuse(what);
  }

  void read_labels(Exposition::Sample& sample) {
    for (;;) {
      skip_blanks();
      if (here() == '}') break;
      if (sample.labels >= limits_.labels) return refuse("too many labels");
      const std::size_t begin = at_;
      Exposition::Label label{.name = name(false), .value = {}};
      if (!ok()) return;
      if (label.name == "__name__") return refuse_at(begin, "a label of this name is not allowed");
      const auto known = labels_of(sample);
      if (std::ranges::find(known, label.name, &Exposition::Label::name) != known.end())
        return refuse_at(begin, "the same label twice");
      skip_blanks();
      if (here() != '=') return refuse("= is expected");
      ++at_;
      skip_blanks();
      if (here() != '"') return refuse("a quote is expected");
      ++at_;
      label.value = escaped('"', true);
      if (!ok()) return;
      ++at_;
      out_.labels.push_back(label);
      ++sample.labels;
      skip_blanks();
      if (here() == ',') {
        ++at_;
      } else if (here() != '}') {
        return refuse("a comma or } is expected");
      }
    }
    ++at_;
  }

  std::span<const Exposition::Label> labels_of(const Exposition::Sample& sample) const {
    return std::span(out_.labels).subspan(sample.first_label, sample.labels);
  }

  static std::optional<double> number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.starts_with('+')) return {};
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size()) return {};
    return value;
  }
  double read_value() {
    const std::size_t begin = at_;
    const auto value = number(word());
    if (!value) refuse_at(begin, "a number is expected");
    return value.value_or(0);
  }
  void read_timestamp() {
    const std::size_t begin = at_;
    const std::string_view text = word();
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size()) return refuse_at(begin, "a timestamp is expected");
    if (!out_.timestamps) out_.timestamp_line = line_, out_.timestamp_column = begin - line_begin_ + 1;
    out_.timestamps = true;
  }
  bool has_number(const Exposition::Sample& sample, std::string_view label) const {
    return std::ranges::any_of(labels_of(sample),
                               [label](const auto& each) { return each.name == label && number(each.value); });
  }

  // A key with the labels in alphabetical order, so that label sets that differ only in order are equal.
  std::string key_of(const Exposition::Sample& sample) {
    sorted_.assign(labels_of(sample).begin(), labels_of(sample).end());
    std::ranges::sort(sorted_, {}, &Exposition::Label::name);
    std::string key = std::to_string(sample.family) + "," + std::to_string(static_cast<int>(sample.part));
    for (const Exposition::Label& label : sorted_) {
      if (label.value.empty()) continue;  // same as a missing label
      key.append(",").append(label.name).append("=").append(std::to_string(label.value.size())).append(":");
      key.append(label.value);
    }
    return key;
  }

  std::string_view text_;
  const ExpositionLimits& limits_;
  Exposition& out_;
  std::size_t at_ = 0, end_ = 0, line_ = 0, line_begin_ = 0;
  std::string_view error_;
  std::map<std::string_view, std::size_t> index_;
  std::vector<bool> sampled_;
  std::set<std::string> seen_;
  std::vector<Exposition::Label> sorted_;
};

}  // namespace

std::optional<ExpositionError> parse(std::string_view text, const ExpositionLimits& limits, Exposition& out) {
  return Parser(text, limits, out).run();
}

}  // namespace vitalsd::exposition
