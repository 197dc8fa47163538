// The flags of the exporters that vitalsd replaces, as tables: what each means here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vitalsd::conf {

enum class Move : std::uint8_t {
  set,         ///< the value goes to our flag `to`
  file,        ///< the same; it names a file, which need not be here
  on,          ///< when given, `to` becomes `value`
  off,         ///< when given, `to` becomes false
  ignore,      ///< means nothing here and changes no metric
  none,        ///< has no equal
  collectors,  ///< a list of the collectors that run, and no others
};

struct MoveRow {
  std::string_view flag;  ///< of the exporter
  bool is_switch = false;
  Move move = Move::set;
  std::string_view to = {};     ///< a flag of ours; empty: the same. One that we do not have is one without equal.
  std::string_view value = {};  ///< of Move::on
  std::string_view note = {};   ///< what is said when it is given and is not wholly equal
};

/// What the exporter does by default and we do not.
struct MoveDefault {
  std::string_view to, value;
};

/// What the exporter reports and we do not, unless this flag of its is given.
struct MoveLoss {
  std::string_view unless, what, why;
};

/// A collector of node_exporter: the one of the same name here, or of the name `here`; none where `note` says that it is
/// left out. Its options are those of the same name here, where there is one; only renamed ones need a row.
struct NodeCollector {
  std::string_view name;
  bool enabled;  ///< by default
  std::string_view note = {};
  std::string_view here = {};  ///< where the collector of that name is another thing
};

struct Exporter {
  std::string_view name;
  bool single_dash;  ///< flags of Go's own package: there is no --no-flag
  std::span<const MoveRow> rows;
  std::span<const MoveDefault> defaults;
  std::span<const MoveLoss> losses;
  std::span<const NodeCollector> collectors;
};

std::span<const Exporter> exporters();

}  // namespace vitalsd::conf
