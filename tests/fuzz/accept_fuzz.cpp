// Any field is judged; what nobody knows changes nothing, and what is asked for at full weight first is had.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporters/http/accept.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const vitalsd::Form form = vitalsd::http::accepted_form(text);
  if (vitalsd::content_type(form).empty()) std::abort();
  if (vitalsd::http::accepted_form("image/png;q=1,text/plain;version=9," + text) != form) std::abort();
  if (vitalsd::http::accepted_form(text + ",text/plain;version=1.0.0;q=0,text/plain;version=1.0.0;q=7") != form) {
    std::abort();
  }
  const vitalsd::Form first = {vitalsd::Format::openmetrics_1_0_0, vitalsd::Escaping::values};
  if (vitalsd::http::accepted_form("application/openmetrics-text;version=1.0.0;escaping=values," + text) != first) {
    std::abort();
  }
  return 0;
}
