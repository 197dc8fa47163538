// Replaces bpf_source.cpp if the build lacks clang or libbpf.
#include "collectors/process/sources/bpf/bpf_source.h"

namespace vitalsd {

Result<std::unique_ptr<ProcessSource>> open_bpf_source(const Units&, std::string& why) {
  why = "built without BPF: clang-19 and libbpf-dev were missing, or VITALSD_BPF=OFF";
  return fail(Errc::unavailable, "bpf iterator");
}

bool has_bpf_source() noexcept { return false; }

}  // namespace vitalsd
