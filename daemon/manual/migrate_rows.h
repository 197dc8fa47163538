// Tables of the flags of the exporters that vitalsd replaces, and of what each means here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vitalsd::conf {

enum class Move : std::uint8_t {
  set,         ///< the value goes to our flag `to`
  file,        ///< as set; the value names a file, which need not exist
  on,          ///< when given, `to` becomes `value`
  off,         ///< when given, `to` becomes false
  ignore,      ///< has no effect here and changes no metric
  none,        ///< has no counterpart
  collectors,  ///< a list of the collectors that run, and no others
};

struct MoveRow {
  std::string_view flag;  ///< the exporter's, without dashes
  bool is_switch = false;
  Move move = Move::set;
  std::string_view to = {};     ///< our flag; empty: of the same name. No counterpart if we have no such flag.
  std::string_view value = {};  ///< for Move::on
  std::string_view note = {};   ///< the warning when it is given and has no full counterpart
};

/// A default of the exporter that differs from ours.
struct MoveDefault {
  std::string_view to, value;
};

/// A metric `what` that the exporter has, unless its flag `unless` is given, and that we lack because of `why`.
struct MoveLoss {
  std::string_view unless, what, why;
};

/// A collector of node_exporter. It corresponds to ours of the same name, or of the name `here`; to none if `note` says
/// that it is left out. Likewise its options; only renamed ones need a row.
struct NodeCollector {
  std::string_view name;
  bool enabled;  ///< by default
  std::string_view note = {};
  std::string_view here = {};   ///< if our collector of the same name is a different one
  std::string_view doubt = {};  ///< the warning when its default decides, which is not that of all builds
};

struct Exporter {
  std::string_view name;
  bool single_dash;  ///< flags as Go's package `flag` has them: no --no-flag
  std::span<const MoveRow> rows;
  std::span<const MoveDefault> defaults;
  std::span<const MoveLoss> losses;
  std::span<const NodeCollector> collectors;
};

std::span<const Exporter> exporters();

}  // namespace vitalsd::conf
