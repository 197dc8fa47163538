// A D-Bus in memory: gives answers by path, interface and member, and records what was asked.
//   bus.property("/org/x", "org.x.I", "Version", text("1")).answer("/org/x", "org.x.I", "List", {text("a"), number('u',
//   1)});
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/bus.h"

namespace vitalsd {

struct FakeValue {
  char type;
  std::uint64_t number = 0;
  std::string text = {};
};
inline FakeValue text(std::string value, char type = 's') { return {type, 0, std::move(value)}; }
inline FakeValue number(char type, std::uint64_t value) { return {type, value}; }

class FakeBus final : public BusSource {
 public:
  FakeBus& answer(const std::string& path, const std::string& interface, const std::string& member,
                  std::vector<FakeValue> values) {
    answers_[path + " " + interface + "." + member] = {std::move(values), std::nullopt};
    return *this;
  }
  FakeBus& property(const std::string& path, const std::string& interface, const std::string& name, FakeValue value) {
    return answer(path, interface, name, {std::move(value)});
  }
  /// This one fails so.
  FakeBus& error(const std::string& key, Errc code) {
    answers_[key] = {{}, code};
    return *this;
  }
  FakeBus& remove(const std::string& key) {
    answers_.erase(key);
    return *this;
  }
  /// The connection fails so, at its next asks; nothing: it works.
  void broken(std::optional<Errc> code) { broken_ = code; }
  void forget() { asked_.clear(); }
  /// "path interface.member", properties as members of their interface.
  const std::vector<std::string>& asked() const { return asked_; }
  BusPeer peer() const { return peer_; }

  Result<void> ask(BusPeer peer, std::span<const BusCall> calls, const BusPatience&,
                   const std::function<void(std::size_t, const BusAnswer&)>& answer) override {
    peer_ = peer;
    if (broken_) return fail(*broken_, "fake bus");
    // Later ones first: nobody may rely on an order.
    for (std::size_t i = calls.size(); i-- > 0;) {
      const BusCall& call = calls[i];
      const bool property = std::string_view(call.member) == "Get";
      std::string key = std::string(call.path) + " " + (property ? call.arguments[0] : call.interface) + "." +
                        (property ? call.arguments[1] : call.member);
      asked_.push_back(key);
      const auto found = answers_.find(key);
      if (found == answers_.end()) {
        answer(i, fail(Errc::unavailable, "fake bus"));
        continue;
      }
      if (found->second.code) {
        answer(i, fail(*found->second.code, "fake bus"));
        continue;
      }
      std::vector<BusValue> values;
      for (const FakeValue& value : found->second.values) values.push_back({value.type, value.number, value.text});
      answer(i, std::span<const BusValue>(values));
    }
    return {};
  }

 private:
  struct Answer {
    std::vector<FakeValue> values;
    std::optional<Errc> code;
  };
  std::map<std::string, Answer> answers_;
  std::vector<std::string> asked_;
  std::optional<Errc> broken_;
  BusPeer peer_ = BusPeer::system;
};

}  // namespace vitalsd
