// usage: fuzz_replay NAME CORPUS...   runs a fuzz target over every file of its corpus, so that ordinary test runs
// repeat what was once found. fuzzers.inc is made by CMake: FUZZER(name) for each.
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#define FUZZER(name) extern "C" int replay_##name(const std::uint8_t* data, std::size_t size);
#include "fuzzers.inc"
#undef FUZZER

namespace {

struct Fuzzer {
  std::string_view name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

#define FUZZER(name) Fuzzer{#name, replay_##name},
constexpr Fuzzer kFuzzers[] = {
#include "fuzzers.inc"
};
#undef FUZZER

const Fuzzer* find(std::string_view name) {
  for (const Fuzzer& each : kFuzzers) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const Fuzzer* const fuzzer = argc > 1 ? find(argv[1]) : nullptr;
  if (fuzzer == nullptr) return 2;
  std::size_t count = 0;
  for (int i = 2; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
      fuzzer->run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++count;
    }
  }
  std::printf("%zu inputs replayed\n", count);
  return count == 0;  // an empty corpus proves nothing
}
