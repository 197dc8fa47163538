// Generates documents from the daemon's own tables: the reference of settings and metric families, the manual pages and
// the completion of shells.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/collector.h"

namespace vitalsd {

/// `format` as --reference.format takes it: man8, man5, bash, zsh; anything else is Markdown.
std::string reference_text(std::string_view format);

namespace conf {

std::string reference(std::span<const CollectorSpec> collectors);
/// vitalsd(8) and vitalsd.yml(5), in man(7).
std::string man_of_command(std::span<const CollectorSpec> collectors);
std::string man_of_file(std::span<const CollectorSpec> collectors);
/// Scripts to install where bash-completion and zsh look for them.
std::string bash_completion(std::span<const CollectorSpec> collectors);
std::string zsh_completion(std::span<const CollectorSpec> collectors);

}  // namespace conf
}  // namespace vitalsd
