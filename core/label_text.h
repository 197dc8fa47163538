// Reads the label text of a Block: the only place, beside Block::add_labels, that knows its form.
//   for (LabelReader labels(R"(cpu="0",mode="idle")"); labels.next();) use(labels.name(), labels.escaped());
#pragma once

#include <string>
#include <string_view>

namespace vitalsd {

/// Walks over the labels in their order. Views live as long as the text. What no Block would hold ends the walk.
class LabelReader {
 public:
  explicit LabelReader(std::string_view text) noexcept : rest_(text) {}

  bool next() noexcept;
  std::string_view name() const noexcept { return name_; }
  /// The value as it stands between the quotes.
  std::string_view escaped() const noexcept { return escaped_; }

 private:
  std::string_view rest_, name_, escaped_;
};

/// Appends the value that was escaped.
void append_unescaped_label(std::string& out, std::string_view escaped);

/// `name="value"` as a Block holds it.
std::string label_text_of(std::string_view name, std::string_view value);

}  // namespace vitalsd
