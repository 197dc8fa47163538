#include "collectors/formats/mountstats.h"

#include "core/lines.h"

namespace vitalsd::mountstats {
namespace {

constexpr std::size_t kConnect = 2;       // and the two behind it, of TCP alone
constexpr std::size_t kOfVersion10 = 10;  // numbers of a transport; version 1.1 has three more

struct Block {
  NfsMount* mount = nullptr;  // null: no NFS, or it makes no sense
  bool version11 = false;
  bool operations = false;  // its lines are operations from here on
};

template <std::size_t N>
void read_numbers(Scan& line, std::array<double, N>& out) {
  for (double& number : out) number = static_cast<double>(line.integer<std::uint64_t>());
}

// "device server:/srv mounted on /mnt with fstype nfs4 statvers=1.1". False: it makes no sense.
bool read_device(Scan& line, NfsMount& mount, std::string_view& version) {
  mount.device = line.word();
  line.expect("mounted").expect("on");
  mount.point = line.word();
  line.expect("with").expect("fstype");
  const std::string_view type = line.word();
  version = {};
  if (type != "nfs" && type != "nfs4") return line.ok();
  const std::string_view word = line.optional_word();
  constexpr std::string_view kVersion = "statvers=";
  if (word.starts_with(kVersion)) version = word.substr(kVersion.size());
  return line.ok();
}

void begin_mount(Lines& lines, std::size_t place, MountStats& out, Block& block) {
  NfsMount mount;
  std::string_view version;
  block = {};
  if (!read_device(*lines, mount, version)) return lines.reject();
  lines.skip();
  if (version != "1.0" && version != "1.1") return;
  mount.place = place;
  mount.first_transport = out.transports.size();
  mount.first_operation = out.operations.size();
  out.mounts.push_back(mount);
  block = {.mount = &out.mounts.back(), .version11 = version == "1.1"};
}

void add_transport(Lines& lines, const Block& block, MountStats& out) {
  NfsTransport transport{.protocol = lines->word()};
  const bool udp = transport.protocol == "udp", rdma = transport.protocol == "rdma";
  if (!udp && !rdma && transport.protocol != "tcp") lines->set_failed();
  for (std::size_t i = 0; i < NfsTransport::kNumbers; ++i) {
    const bool counted =
        (i < kOfVersion10 || (block.version11 && !rdma)) && !(udp && i >= kConnect && i < kConnect + 3);
    if (counted) transport.numbers[i] = static_cast<double>(lines->integer<std::uint64_t>());
    if (i >= kOfVersion10 && !block.version11) transport.numbers[i] = kAbsent;
  }
  if (!lines.keep("xprt:")) return;
  out.transports.push_back(transport);
  ++block.mount->transports;
}

void add_operation(Lines& lines, std::string_view name, const Block& block, MountStats& out) {
  NfsOperation operation{.name = name.substr(0, name.size() - (name.ends_with(':') ? 1 : 0))};
  for (std::size_t i = 0; i + 1 < NfsOperation::kNumbers; ++i) operation.numbers[i] = lines->integer<std::uint64_t>();
  if (!lines->skip_blanks().at_end()) operation.numbers.back() = lines->integer<std::uint64_t>();
  if (!lines.keep(name)) return;
  out.operations.push_back(operation);
  ++block.mount->operations;
}

void read_line(Lines& lines, std::string_view word, Block& block, MountStats& out) {
  NfsMount& mount = *block.mount;
  if (block.operations) return add_operation(lines, word, block, out);
  if (word == "age:") {
    const auto age = static_cast<double>(lines->integer<std::uint64_t>());
    if (lines.keep(word)) mount.age = age;
  } else if (word == "bytes:") {
    read_numbers(*lines, mount.bytes);
    mount.has_bytes = lines.keep(word);
  } else if (word == "events:") {
    read_numbers(*lines, mount.events);
    mount.has_events = lines.keep(word);
  } else if (word == "xprt:") {
    add_transport(lines, block, out);
  } else {
    block.operations = word == "per-op";  // "per-op statistics"
    lines.skip();
  }
}

}  // namespace

Result<void> parse(std::string_view text, MountStats& out, FaultSink& faults) {
  out.mounts.clear();
  out.transports.clear();
  out.operations.clear();
  Lines lines(text, "mountstats", faults);
  Block block;
  std::size_t place = 0;
  while (lines.next()) {
    const std::string_view word = lines->word();
    if (word == "device" || word == "no") {  // "no device mounted on ..."
      if (out.mounts.size() == kMostMounts) break;
      if (word == "device") {
        begin_mount(lines, place, out, block);
      } else {
        block = {};
        lines.skip();
      }
      ++place;
    } else if (block.mount != nullptr) {
      read_line(lines, word, block, out);
    } else {
      lines.skip();  // of another file system, or of a mount that was reported
    }
  }
  return lines.result();
}

}  // namespace vitalsd::mountstats
