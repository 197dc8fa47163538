// A report as a page: what happened, who was largest, what changed in the minutes before.
import {h} from "./dom.js";
import {fetchReport, reportUrl} from "./api.js";
import {kCauses} from "./incidents.js";
import {Plot} from "./plots.js";
import * as format from "./format.js";

const kShown = 20, kPlotted = 6;

function sentence({cause, entity, detail}) {
  const what = {
    oom_kill: `The kernel's OOM killer ended a process in the cgroup ${entity}`,
    target_ended: `The watched process ${entity} ended`,
    pressure: `Work stood still: ${entity}`,
  }[cause] ?? `${cause}: ${entity}`;
  return detail ? `${what}: ${detail}.` : `${what}.`;
}

const familyOf = (series) => series.split("{", 1)[0];
/** The values of the labels of a series that is written as in an exposition. */
function labelsOf(series) {
  const unescaped = (text) => text.replace(/\\(.)/gs, (_, c) => c === "n" ? "\n" : c);
  return [...series.slice(familyOf(series).length).matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/gs)].map(([, name, value]) => [name, unescaped(value)]);
}
const isCounter = (family) => family.endsWith("_total");

/** Values over time; counters as what they grew by per second. */
function curve(series, seconds) {
  const rate = isCounter(familyOf(series.series));
  const points = [];
  let before = null;
  series.values.forEach((value, i) => {
    if (value === null) return;
    if (!rate) points.push([seconds[i], value]);
    else if (before && seconds[i] > before[0]) points.push([seconds[i], (value < before[1] ? value : value - before[1]) / (seconds[i] - before[0])]);
    before = [seconds[i], value];
  });
  return {rate, points};
}

const isOf = (series, entity) => labelsOf(series).some(([, value]) => value === entity);
const mean = (points) => points.reduce((sum, [, value]) => sum + value, 0) / points.length;

/** Changes below these are noise, whatever their proportion. */
function least(family, rate) {
  if (/bytes/.test(family)) return rate ? 1024 * 1024 : 4 * 1024 * 1024;
  if (/seconds/.test(family)) return 0.02;
  return rate ? 10 : 0.9;
}

/** What was otherwise at the end (the last sixth) than in the first half, or went far from it for a moment. First is what
    is of whom it happened to, then by how much, in proportion and above the noise. */
export function changes(report) {
  const found = [];
  for (const {collector, seconds, series} of report.history ?? []) {
    for (const each of series) {
      const family = familyOf(each.series), {rate, points} = curve(each, seconds);
      if (points.length < 4 || /memtype="virtual"/.test(each.series)) continue;
      const first = mean(points.slice(0, Math.ceil(points.length / 2)));
      const tail = points.slice(-Math.max(1, Math.floor(points.length / 6)));
      const last = mean(tail);
      const values = points.map(([, value]) => value), peak = values.reduce((a, b) => Math.max(a, b)), low = values.reduce((a, b) => Math.min(a, b));
      const furthest = Math.abs(peak - first) > Math.abs(low - first) ? peak : low;
      const moved = Math.max(Math.abs(last - first), Math.abs(furthest - first) / 2);
      if (moved < least(family, rate)) continue;
      found.push({collector, series: each.series, family, rate, points, first, last, low, peak, 
        score: (isOf(each.series, report.entity) ? 3 : 1) * moved / (Math.abs(first) + Math.abs(last) + moved) * Math.log10(1 + moved / least(family, rate))});
    }
  }
  return found.sort((a, b) => b.score - a.score || (a.series < b.series ? -1 : 1));
}

const kCpu = {
  container_cpu_usage_seconds_total: ["Cgroup", "id"], namedprocess_namegroup_cpu_seconds_total: ["Group", "groupname"],
  vitalsd_target_cpu_seconds_total: ["Target", "target"],
};

/** Who used most CPU time: the last quarter's mean in cores, by kind. */
function busiest(report) {
  const sums = new Map();
  for (const {seconds, series} of report.history ?? []) {
    for (const each of series) {
      const [kind, label] = kCpu[familyOf(each.series)] ?? [];
      const {points} = kind ? curve(each, seconds) : {points: []};
      if (points.length === 0) continue;
      const name = `${kind} ${labelsOf(each.series).find(([key]) => key === label)?.[1]}`;
      const tail = mean(points.slice(-Math.ceil(points.length / 4)));
      const sum = sums.get(name) ?? {kind, name, all: 0, tail: 0};
      sums.set(name, {kind, name, all: sum.all + mean(points), tail: sum.tail + tail});
    }
  }
  const sorted = [...sums.values()].filter(({tail}) => tail > 0.005).sort((a, b) => b.tail - a.tail);
  return Object.values(kCpu).flatMap(([kind]) => sorted.filter((each) => each.kind === kind).slice(0, 5));
}

const cell = (text, name) => h("td", {class: name}, text);
function table(caption, heads, rows) {
  return h("div", {class: "scroll"}, h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...heads.map((head, i) => h("th", {scope: "col", class: i > 0 ? "n" : null}, head)))), h("tbody", {}, ...rows)));
}

function largest(report) {
  const kinds = {container_memory_working_set_bytes: "Cgroup", namedprocess_namegroup_memory_bytes: "Group", vitalsd_target_resident_bytes: "Target"};
  const shown = (report.largest ?? []).filter(({series, peak}) => peak > 0 && !/memtype="virtual"/.test(series));
  const rows = shown.map(({series, peak, last}) => h("tr", {}, cell(`${kinds[familyOf(series)] ?? familyOf(series)} ${labelsOf(series).map(([, value]) => value).join(", ")}`, "name wide"), cell(format.bytes(last), "n"), cell(format.bytes(peak), "n")));
  const cpu = busiest(report).map(({name, all, tail}) => h("tr", {}, cell(name, "name wide"), cell(format.cores(tail), "n"), cell(format.cores(all), "n")));
  const parts = [];
  if (rows.length) parts.push(table("Largest users of memory", ["Memory of", "At the end", "Most"], rows));
  if (cpu.length) parts.push(table("Largest users of CPU time", ["CPU, in cores, of", "At the end", "On the whole"], cpu));
  return parts.length ? [h("h2", {}, "Who was largest"), h("div", {class: "pair"}, ...parts)] : [];
}

function killed(report) {
  if (!report.killed?.length) return [];
  const rows = report.killed.map(({comm, pid, resident_bytes: resident}) => h("tr", {}, cell(comm, "name wide"), cell(String(pid), "n"), cell(format.bytes(resident), "n")));
  return [h("h2", {}, "Who was killed"), table("Killed processes", ["Process", "Pid", "Resident"], rows)];
}

function whatChanged(report, plots) {
  const all = changes(report), shown = all.slice(0, kShown);
  if (shown.length === 0) return [h("h2", {}, "What changed before"), h("p", {class: "soft"}, report.history?.length ? "Nothing that is remembered changed much." : "The report has no history.")];
  const rows = shown.map(({series, family, rate, first, last, peak}) => {
    const text = format.formatOf(family, rate);
    return h("tr", {}, cell(series, "name wide"), cell(text(first), "n"), cell(text(last), "n"), cell(text(peak), "n"));
  });
  for (const {series, family, rate, points} of shown.slice(0, kPlotted)) {
    const line = {label: rate ? "per second" : "value", points: new Map(points.map(([at, value]) => [report.timestamp_seconds + at, [value, value, value]]))};
    plots.push(new Plot(series, {format: format.formatOf(family, rate), lines: [line]}));
  }
  const more = all.length > shown.length ? [h("p", {class: "soft"}, `${all.length - shown.length} more changed; the JSON has all series.`)] : [];
  return [h("h2", {}, "What changed before"), table("Series that changed most", ["Series", "Before", "At the end", "Most"], rows), ...more, h("div", {class: "plots"}, ...plots.map((plot) => plot.element))];
}

export class ReportPage {
  constructor(element) { Object.assign(this, {element, plots: [], id: null}); }

  async open(id) {
    this.close();
    this.id = id;
    const head = (text) => h("h2", {tabindex: "-1", id: "report-title"}, text);
    const back = h("p", {}, h("a", {href: "#"}, "Back to the overview"));
    let parts;
    try {
      const report = await fetchReport(id);
      if (this.id !== id) return;
      const seconds = report.history?.length ? Math.max(...report.history.map((each) => -each.seconds[0])) : 0;
      parts = [
        head(kCauses[report.cause] ?? report.cause), h("p", {class: "lead name"}, sentence(report)),
        h("dl", {}, h("dt", {}, "When"), h("dd", {}, date(report)), h("dt", {}, "Host"), h("dd", {class: "name"}, `${report.hostname}, vitalsd ${report.version}`),
          h("dt", {}, "Seen by"), h("dd", {}, report.collector), h("dt", {}, "Reaches back"), h("dd", {}, format.duration(seconds)),
          h("dt", {}, "All of it"), h("dd", {}, h("a", {href: reportUrl(id)}, "JSON"))),
        ...killed(report), ...largest(report), ...whatChanged(report, this.plots),
      ];
    } catch (error) {
      parts = [head("Report"), h("p", {class: "bad", role: "alert"}, `There is no such report any more (${error.message}).`)];
    }
    this.element.replaceChildren(back, ...parts);
    for (const plot of this.plots) plot.show();
    this.element.querySelector("#report-title").focus({preventScroll: true});
    scrollTo(0, 0);
  }

  close() {
    this.id = null;
    this.plots.forEach((plot) => plot.destroy());
    this.plots = [];
    this.element.replaceChildren();
  }
}

const date = (report) => format.date(report.timestamp_seconds);
