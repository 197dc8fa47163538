// Any name of a log, and any file of a runtime: what is found are parts of the name, and names that Kubernetes allows.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collectors/formats/log_names.h"
#include "collectors/formats/runtime_state.h"

namespace {

using namespace vitalsd;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Result<ContainerNames>& names) {
  if (!names) return;
  require(names->pod.empty() == names->ns.empty());
  require(names->pod.empty() || (log_names::is_subdomain(names->pod) && log_names::is_label(names->ns)));
  require(names->container.empty() || names->container == "POD" || log_names::is_label(names->container));
  require(names->image.size() <= 1024 && names->name.size() <= 1024);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto found = log_names::container(text)) {
    std::string again(found->pod);
    again.append("_").append(found->ns).append("_").append(found->container).append("-").append(found->id);
    require(again + ".log" == text && found->id.size() == 64);
  }
  if (const auto found = log_names::pod(text)) {
    std::string again(found->ns);
    again.append("_").append(found->pod).append("_").append(found->uid);
    require(again == text && found->uid.size() <= 36);
  }
  const std::string id(64, 'a');
  check(runtime_state::bundle(text, id));
  check(runtime_state::docker(text, id));
  check(runtime_state::storage(text, id));
  return 0;
}
