// Observing allocates nothing once the series stay the same, though chunks fill up and old ones go.
#include "tests/daemon/history/history_fixture.h"
#include "tests/fakes/counted_allocations.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

TEST_F(HistoryTest, ObservingAllocatesNothingOnceWarm) {
  std::vector<std::unique_ptr<Block>> rounds;
  for (int i = 0; i < 200; ++i) {
    rounds.push_back(std::make_unique<Block>());
    BlockSink sink(*rounds.back());
    for (int target = 0; target < 20; ++target) {
      sink.add(kResident, {"a target of a name that is long " + std::to_string(target)}, i * 0.3 * target);
      sink.add(kPid, {std::to_string(target)}, i);
    }
    rounds.back()->finish();
  }
  const auto observe_all = [&] {
    for (const auto& block : rounds) history_.observe("targets", *block, now_ += 500ms);
  };
  for (int i = 0; i < 3; ++i) observe_all();
  const CountedAllocations counted;
  observe_all();
  EXPECT_EQ(counted.count(), 0U);
}

}  // namespace
}  // namespace vitalsd
