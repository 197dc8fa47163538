// A datagram of netlink: messages and attributes, including nested ones, lie within it and in their order.
#include <cstdint>
#include <cstdlib>

#include "core/netlink_message.h"

namespace {

using namespace vitalsd;

class Within final : public NetlinkTaker {
 public:
  explicit Within(Bytes all) : all_(all) {}
  void begin() override {}
  Result<void> take(const NetlinkMessage& message) override {
    require(message.body);
    walk(message.behind<std::uint32_t>(), 0);
    if (const auto head = message.head<std::uint64_t>(); head && message.body.size() < 8) std::abort();
    return {};
  }

 private:
  void require(Bytes part) const {
    if (part.empty()) return;
    if (part.data() < all_.data() || part.data() + part.size() > all_.data() + all_.size()) std::abort();
  }
  void walk(Bytes bytes, int depth) const {
    NetlinkAttributes attributes(bytes);
    for (const char* last = bytes.data(); attributes.next(); last = attributes->data.data()) {
      require(attributes->data);
      if (!attributes->data.empty() && attributes->data.data() <= last) std::abort();
      if (attributes->text().size() > attributes->data.size()) std::abort();
      if (depth < 4) walk(attributes->data, depth + 1);
    }
  }
  Bytes all_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes all(reinterpret_cast<const char*>(data), size);
  Within within(all);
  NetlinkProgress progress;
  const auto read = read_datagram(all, progress, within);
  if (read && !progress.done && progress.messages > size / 16) std::abort();
  return 0;
}
