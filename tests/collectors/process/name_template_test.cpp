#include "collectors/process/groups/name_template.h"

#include <gtest/gtest.h>

namespace vitalsd {
namespace {

ProcessFacts facts() {
  return {.pid = 23,
          .comm = "prom",
          .arguments = {"/usr/local/bin/prometheus", "--x"},
          .cgroups = {"/a", "/b"},
          .username = "www",
          .cwd = "/srv",
          .start_seconds = 1508450929,
          .start_nanoseconds = 500'000'000};
}
const Captures kCaptures = {{"A", "one"}, {"B", "two"}};

std::string rendered(std::string_view text) {
  const auto parsed = NameTemplate::parse(text);
  if (!parsed) return "refused: " + parsed.error();
  std::string out = "old";
  parsed->render(facts(), kCaptures, out);
  return out;
}

TEST(NameTemplate, RendersAsGoDoes) {
  const struct {
    const char *text, *expected;
  } cases[] = {
      {"plain", "plain"},
      {"", ""},
      {"{{.Comm}}", "prom"},
      {"{{ .ExeBase }}:{{.ExeFull}}", "prometheus:/usr/local/bin/prometheus"},
      {"{{.Username}}/{{.PID}}/{{.Cwd}}", "www/23//srv"},
      {"{{.Cgroups}}", "[/a /b]"},
      {"{{index .Cgroups 1}}", "/b"},
      {"{{.Matches.A}}-{{.Matches.B}}", "one-two"},
      {"{{index .Matches \"A\"}}", "one"},
      {"{{.Matches}}", "map[A:one B:two]"},
      {"{{len .Cgroups}}{{len .Matches}}", "22"},
      {"{{.StartTime}}", "2017-10-19 22:08:49.5 +0000 UTC"},
      {"{{.StartTime.Unix}}", "1508450929"},
      {"a {{- .Comm -}} b", "apromb"},
      {"a{{/* why */}}b", "ab"},
      {"{{\"quoted }} \\\"text\"}}", "quoted }} \"text"},
      {"{{`raw \\`}}", "raw \\"},
      // Missing values, as Go prints a missing key, or where Go's execution stops.
      {"x{{.Matches.C}}y", "x<no value>y"},
      {"x{{index .Matches \"C\"}}y", "xy"},
      {"x{{index .Cgroups 2}}y", "x"},
      {"x{{.Nope}}y", "x"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(rendered(text), expected) << text;
}

TEST(NameTemplate, RefusesWhatItCannotRender) {
  for (const char* text : {"{{.Comm", "{{", "{{}}", "{{/* x }}", "{{\"x}}", "{{if .Comm}}x{{end}}", "{{.Comm | len}}",
                           "{{.}}", "{{index .Comm 1}}", "{{index .Cgroups -1}}", "{{index .Cgroups x}}",
                           "{{len .Comm}}", "{{Comm}}", "{{\"\\n\"}}", "{{.Comm .PID}}"}) {
    EXPECT_TRUE(rendered(text).starts_with("refused: ")) << text << " gave " << rendered(text);
  }
}

TEST(NameTemplate, KnowsWhatItUses) {
  const auto parsed = NameTemplate::parse("x{{.Username}}{{index .Cgroups 0}}");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->uses(NameTemplate::Field::username));
  EXPECT_TRUE(parsed->uses(NameTemplate::Field::cgroups));
  EXPECT_FALSE(parsed->uses(NameTemplate::Field::cwd));
  EXPECT_EQ(parsed->literal(), nullptr);
  ASSERT_NE(NameTemplate::parse("web")->literal(), nullptr);
  EXPECT_EQ(*NameTemplate::parse("web")->literal(), "web");
}

TEST(BaseName, IsThatOfGo) {
  EXPECT_EQ(base_name(""), ".");
  EXPECT_EQ(base_name("/"), "/");
  EXPECT_EQ(base_name("//"), "/");
  EXPECT_EQ(base_name("a"), "a");
  EXPECT_EQ(base_name("/a/b//"), "b");
  EXPECT_EQ(base_name("nginx: master process /usr/sbin/nginx"), "nginx");
}

}  // namespace
}  // namespace vitalsd
