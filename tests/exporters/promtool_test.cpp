#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "core/sink.h"
#include "exporters/text.h"

namespace vitalsd {
namespace {

TEST(Promtool, FindsNothingToComplainOf) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not on PATH";
  static constexpr std::string_view kDevice[] = {"device"}, kLe[] = {"le"}, kInf[] = {"+Inf"}, kHalf[] = {"0.5"},
                                    kQ[] = {"quantile"};
  constexpr Family kBytes{"x_received_bytes_total", Kind::counter, "Bytes with \\ and\nnewline.", "bytes", kDevice};
  constexpr Family kLoad{"x_load", Kind::gauge, "Load."};
  constexpr Family kTook{"x_took_seconds", Kind::histogram, "Time."};
  constexpr Family kSize{"x_size_bytes", Kind::summary, "Size."};
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  for (const std::string_view device : {"eth0", "we\"ird\\\n", "caf\xC3\xA9", "\xFF"}) sink.add(kBytes, {device}, 1e21);
  sink.add(kLoad, HUGE_VAL);
  sink.add(kTook, sink.labels(kLe, kHalf), 1, Part::bucket);
  sink.add(kTook, sink.labels(kLe, kInf), 2, Part::bucket);
  sink.add(kTook, kNoLabels, -0.0, Part::sum);
  sink.add(kTook, kNoLabels, 2, Part::count);
  sink.add(kSize, sink.labels(kQ, kHalf), NAN);
  sink.add(kSize, kNoLabels, 5e-324, Part::sum);
  sink.add(kSize, kNoLabels, 2, Part::count);
  block->finish();
  std::string text;
  TextEncoder("cluster=\"eu\"").encode({block}, text);

  FILE* promtool = ::popen("promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  std::fwrite(text.data(), 1, text.size(), promtool);
  EXPECT_EQ(::pclose(promtool), 0) << text;
}

}  // namespace
}  // namespace vitalsd
