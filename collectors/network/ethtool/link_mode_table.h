// The ways of sending that enum ethtool_link_mode_bit_indices knows (include/uapi/linux/ethtool.h), by their bits, with
// the labels of node_exporter.
#pragma once

#include <array>
#include <string_view>

namespace vitalsd::ethtool {

struct SpeedMode {
  unsigned bit;
  double megabits;  ///< per second
  std::string_view duplex, name;
};
struct PortMode {
  unsigned bit;
  std::string_view name;
};

inline constexpr unsigned kAutonegotiates = 6, kPauses = 13, kPausesOneWay = 14;

inline constexpr std::array kPortModes = {
    PortMode{7, "TP"},     PortMode{8, "AUI"},  PortMode{9, "MII"},
    PortMode{10, "FIBRE"}, PortMode{11, "BNC"}, PortMode{16, "Backplane"},
};

inline constexpr std::array kSpeedModes = {
    SpeedMode{0, 10, "half", "10baseT"},
    SpeedMode{1, 10, "full", "10baseT"},
    SpeedMode{2, 100, "half", "100baseT"},
    SpeedMode{3, 100, "full", "100baseT"},
    SpeedMode{4, 1000, "half", "1000baseT"},
    SpeedMode{5, 1000, "full", "1000baseT"},
    SpeedMode{12, 10000, "full", "10000baseT"},
    SpeedMode{17, 1000, "full", "1000baseKX"},
    SpeedMode{18, 10000, "full", "10000baseKX4"},
    SpeedMode{19, 10000, "full", "10000baseKR"},
    SpeedMode{20, 10000, "full", "10000baseR_FEC"},
    SpeedMode{21, 20000, "full", "20000baseMLD2"},
    SpeedMode{22, 20000, "full", "20000baseKR2"},
    SpeedMode{23, 40000, "full", "40000baseKR4"},
    SpeedMode{24, 40000, "full", "40000baseCR4"},
    SpeedMode{25, 40000, "full", "40000baseSR4"},
    SpeedMode{26, 40000, "full", "40000baseLR4"},
    SpeedMode{27, 56000, "full", "56000baseKR4"},
    SpeedMode{28, 56000, "full", "56000baseCR4"},
    SpeedMode{29, 56000, "full", "56000baseSR4"},
    SpeedMode{30, 56000, "full", "56000baseLR4"},
    SpeedMode{31, 25000, "full", "25000baseCR"},
    SpeedMode{32, 25000, "full", "25000baseKR"},
    SpeedMode{33, 25000, "full", "25000baseSR"},
    SpeedMode{34, 50000, "full", "50000baseCR2"},
    SpeedMode{35, 50000, "full", "50000baseKR2"},
    SpeedMode{36, 100000, "full", "100000baseKR4"},
    SpeedMode{37, 100000, "full", "100000baseSR4"},
    SpeedMode{38, 100000, "full", "100000baseCR4"},
    SpeedMode{39, 100000, "full", "100000baseLR4_ER4"},
    SpeedMode{40, 50000, "full", "50000baseSR2"},
    SpeedMode{41, 1000, "full", "1000baseX"},
    SpeedMode{42, 10000, "full", "10000baseCR"},
    SpeedMode{43, 10000, "full", "10000baseSR"},
    SpeedMode{44, 10000, "full", "10000baseLR"},
    SpeedMode{45, 10000, "full", "10000baseLRM"},
    SpeedMode{46, 10000, "full", "10000baseER"},
    SpeedMode{47, 2500, "full", "2500baseT"},
    SpeedMode{48, 5000, "full", "5000baseT"},
    SpeedMode{52, 50000, "full", "50000baseKR"},
    SpeedMode{53, 50000, "full", "50000baseSR"},
    SpeedMode{54, 50000, "full", "50000baseCR"},
    SpeedMode{55, 50000, "full", "50000baseLR_ER_FR"},
    SpeedMode{56, 50000, "full", "50000baseDR"},
    SpeedMode{57, 100000, "full", "100000baseKR2"},
    SpeedMode{58, 100000, "full", "100000baseSR2"},
    SpeedMode{59, 100000, "full", "100000baseCR2"},
    SpeedMode{60, 100000, "full", "100000baseLR2_ER2_FR2"},
    SpeedMode{61, 100000, "full", "100000baseDR2"},
    SpeedMode{62, 200000, "full", "200000baseKR4"},
    SpeedMode{63, 200000, "full", "200000baseSR4"},
    SpeedMode{64, 200000, "full", "200000baseLR4_ER4_FR4"},
    SpeedMode{65, 200000, "full", "200000baseDR4"},
    SpeedMode{66, 200000, "full", "200000baseCR4"},
    SpeedMode{67, 100, "full", "100baseT1"},
    SpeedMode{68, 1000, "full", "1000baseT1"},
    SpeedMode{69, 400000, "full", "400000baseKR8"},
    SpeedMode{70, 400000, "full", "400000baseSR8"},
    SpeedMode{71, 400000, "full", "400000baseLR8_ER8_FR8"},
    SpeedMode{72, 400000, "full", "400000baseDR8"},
    SpeedMode{73, 400000, "full", "400000baseCR8"},
    SpeedMode{75, 100000, "full", "100000baseKR"},
    SpeedMode{76, 100000, "full", "100000baseSR"},
    SpeedMode{77, 100000, "full", "100000baseLR_ER_FR"},
    SpeedMode{78, 100000, "full", "100000baseCR"},
    SpeedMode{79, 100000, "full", "100000baseDR"},
    SpeedMode{80, 200000, "full", "200000baseKR2"},
    SpeedMode{81, 200000, "full", "200000baseSR2"},
    SpeedMode{82, 200000, "full", "200000baseLR2_ER2_FR2"},
    SpeedMode{83, 200000, "full", "200000baseDR2"},
    SpeedMode{84, 200000, "full", "200000baseCR2"},
    SpeedMode{85, 400000, "full", "400000baseKR4"},
    SpeedMode{86, 400000, "full", "400000baseSR4"},
    SpeedMode{87, 400000, "full", "400000baseLR4_ER4_FR4"},
    SpeedMode{88, 400000, "full", "400000baseDR4"},
    SpeedMode{89, 400000, "full", "400000baseCR4"},
    SpeedMode{90, 100, "half", "100baseFX"},
    SpeedMode{91, 100, "full", "100baseFX"},
};

}  // namespace vitalsd::ethtool
