#include "daemon/web/landing.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>

#include "daemon/run/store.h"
#include "daemon/service/version.h"

namespace vitalsd {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>vitalsd</title><style>
:root{--ink:#1c2430;--soft:#66707f;--line:#e3e7ec;--paper:#fff;--ground:#f5f7f9;--ok:#12805c;--bad:#c4322b;--accent:#0b63ce}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#98a2b0;--line:#2b333e;--paper:#171c23;--ground:#0f1318;--ok:#3ecf9a;--bad:#ff7a70;--accent:#6db1ff}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem}h1{font-size:1.6rem;margin:0}h2{font-size:1rem;margin:2rem 0 .5rem}
p{margin:.2rem 0;color:var(--soft)}a{color:var(--accent)}nav a{margin-right:1rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin-top:1.2rem}
.card,table{background:var(--paper);border:1px solid var(--line);border-radius:.6rem}
.card{padding:.8rem 1rem}.card b{display:block;font-size:1.3rem;font-variant-numeric:tabular-nums}.card span{color:var(--soft);font-size:.85rem}
table{width:100%;border-collapse:separate;border-spacing:0;overflow:hidden}th,td{text-align:left;padding:.35rem .9rem;border-top:1px solid var(--line)}
tr:first-child th{border-top:0}th{font-weight:600;color:var(--soft);font-size:.85rem}td.n{text-align:right;font-variant-numeric:tabular-nums}th.n{text-align:right}
.ok{color:var(--ok)}.bad{color:var(--bad)}</style></head><body><main>
)";

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

template <class... Args>
std::string print(const char* format, Args... args) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), format, args...);
  return text.data();
}

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return print(bytes < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes, kUnits[unit]);
}

/// The two largest units that a span has: "3 d 4 h", "12 min 5 s".
std::string time_text(double seconds) {
  struct Unit {
    double seconds;
    const char* name;
  };
  constexpr std::array<Unit, 4> kUnits = {{{86'400, "d"}, {3'600, "h"}, {60, "min"}, {1, "s"}}};
  std::size_t i = 0;
  while (i + 1 < kUnits.size() && seconds < kUnits[i].seconds) ++i;
  const double whole = std::floor(seconds / kUnits[i].seconds);
  std::string text = print("%.0f %s", whole, kUnits[i].name);
  if (i + 1 == kUnits.size()) return text;
  const Unit& next = kUnits[i + 1];
  return text + print(" %.0f %s", std::floor((seconds - whole * kUnits[i].seconds) / next.seconds), next.name);
}

void card(std::string& page, std::string_view value, std::string_view what) {
  page += "<div class=card><b>" + escape_html(value) + "</b><span>" + std::string(what) + "</span></div>\n";
}

void cards(std::string& page, const HealthFacts& facts) {
  const Snapshot& snapshot = facts.snapshot;
  page += "<div class=cards>\n";
  if (const auto load = find_value(snapshot, "node_load1")) {
    card(page, print("%.2f", *load), "load, " + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + " CPUs");
  }
  const auto total = find_value(snapshot, "node_memory_MemTotal_bytes");
  const auto available = find_value(snapshot, "node_memory_MemAvailable_bytes");
  if (total && available) card(page, bytes_text(*available), "memory available of " + bytes_text(*total));
  if (const auto up = find_value(snapshot, "vitalsd_uptime_seconds")) card(page, time_text(*up), "host uptime");
  if (const auto rss = find_value(snapshot, "process_resident_memory_bytes"))
    card(page, bytes_text(*rss), "memory of vitalsd itself");
  page += "</div>\n";
}

void targets(std::string& page, const HealthFacts& facts) {
  if (facts.targets.empty()) return;
  page += "<h2>Targets</h2><table><tr><th>target<th>state</tr>\n";
  for (const auto& [name, up] : facts.targets) {
    page += "<tr><td>" + escape_html(name) + (up ? "<td class=ok>up" : "<td class=bad>down") + "</tr>\n";
  }
  page += "</table>\n";
}

void collectors(std::string& page, const HealthFacts& facts) {
  page += "<h2>Collectors</h2><table><tr><th>collector<th>state<th class=n>duration<th class=n>age</tr>\n";
  for (const auto& [name, job] : facts.jobs) {
    const std::string_view state = state_word(*job);
    page += "<tr><td>" + name + "<td class=" + (state == "ok" ? "ok" : "bad") + ">" + std::string(state);
    if (!job->facts.error.empty()) page += ": " + escape_html(job->facts.error);
    page += "<td class=n>" + (job->facts.ran ? print("%.0f µs", seconds(job->facts.duration) * 1e6) : std::string());
    page += "<td class=n>" +
            (job->facts.collected ? print("%.1f s", seconds(facts.now - *job->facts.collected)) : std::string());
    page += "</tr>\n";
  }
  page += "</table>\n";
}

}  // namespace

std::string landing_page(const HealthFacts& facts, std::string_view telemetry_path) {
  utsname system{};
  ::uname(&system);
  std::string page(kHead);
  page += "<h1>vitalsd</h1><p>" + escape_html(system.nodename) + " &middot; " + escape_html(system.sysname) + " " +
          escape_html(system.release) + " &middot; version " VITALSD_VERSION " &middot; " + std::string(facts.status) +
          "</p>\n";
  page += "<nav><a href=\"" + escape_html(telemetry_path) + "\">Metrics</a><a href=\"/health\">Health</a></nav>\n";
  cards(page, facts);
  targets(page, facts);
  collectors(page, facts);
  page += "</main></body></html>\n";
  return page;
}

}  // namespace vitalsd
