// Which messages of the kernel mean what: a name and a regular expression for each kind of trouble.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kit/pattern.h"

namespace vitalsd {

struct KernelPattern {
  std::string_view name, expression;
};

// The words are those of the kernel's sources, where they have hardly changed since Linux 4.
inline constexpr std::array kKernelPatterns = {
    KernelPattern{"ata_error", R"(^ata\d+(\.\d+)?: .*(exception Emask|failed command))"},
    KernelPattern{"btrfs_error", R"(^BTRFS (error|critical|emergency|alert))"},
    KernelPattern{"ext4_error", R"(^EXT4-fs error)"},
    KernelPattern{"hung_task", R"(^INFO: task .* blocked for more than \d+ seconds)"},
    KernelPattern{"io_error", R"((^|[ :])I/O error, dev |Buffer I/O error on dev)"},
    // Not of SATA ports, which says no more than that nothing is plugged in.
    KernelPattern{"link_down", R"((^|[^A] )[Ll]ink (is )?([Dd]own|DOWN)\b)"},
    KernelPattern{"lockup", R"(BUG: soft lockup|hard LOCKUP|^rcu: INFO: .*detected (expedited )?stall)"},
    KernelPattern{"machine_check", R"(\[Hardware Error\]|^mce: .*[Mm]achine [Cc]heck)"},
    KernelPattern{"memory_error", R"(^EDAC .*: \d+ [CU]E )"},
    KernelPattern{"oom_kill", R"(^(Memory cgroup out|Out) of memory: Kill)"},
    KernelPattern{"oops", R"(^(Internal error: )?Oops\b|^BUG: (unable to handle|kernel NULL)|kernel BUG at )"},
    KernelPattern{"segfault", R"(\[\d+\]: segfault at )"},
    KernelPattern{"xfs_error",
                  R"(^XFS \(.*\): .*([Cc]orruption|I/O [Ee]rror|[Ss]hutting down|[Ff]ilesystem has been shut down))"},
};

/// The built-in ones, and those of an option with the field `match`; one that has a built-in one's name takes its
/// place.
class KernelPatterns {
 public:
  /// Throws OptionError.
  KernelPatterns(const Options& options, std::string_view option) {
    constexpr std::size_t kMost = 64;
    for (const Record& record : options.records(option)) {
      const auto match = record.texts.find("match");
      if (match == record.texts.end() || match->second.empty()) throw OptionError(option, "each needs `match`");
      all_.push_back({record.texts.at("name"), Pattern(option, match->second)});
    }
    if (all_.size() > kMost) throw OptionError(option, "64 at most");
    for (const KernelPattern& built_in : kKernelPatterns) {
      if (!has(built_in.name)) all_.push_back({std::string(built_in.name), Pattern(option, built_in.expression)});
    }
  }

  std::size_t size() const { return all_.size(); }
  const std::string& name(std::size_t i) const { return all_[i].name; }
  bool matches(std::size_t i, std::string_view text) const { return all_[i].pattern.found_in(text); }

 private:
  struct Named {
    std::string name;
    Pattern pattern;
  };
  bool has(std::string_view name) const {
    for (const Named& named : all_) {
      if (named.name == name) return true;
    }
    return false;
  }
  std::vector<Named> all_;
};

}  // namespace vitalsd
