// The tables: watched processes, groups, cgroups and collectors, and the plots that a row opens.
import {h} from "./dom.js";
import {Query} from "./api.js";
import {Plot} from "./plots.js";
import {Table} from "./tables.js";
import * as format from "./format.js";

const number = (title, value, text, style) => ({title, value, text, style, numeric: true});

/** The series of a family by the value of one label: value and rate, added up over the other labels. */
function byLabel(status, family, label, only = {}) {
  const found = new Map();
  for (const {labels, value, rate} of status.series(family)) {
    if (!Object.entries(only).every(([name, wanted]) => labels[name] === wanted)) continue;
    const each = found.get(labels[label]) ?? {value: 0, rate: undefined};
    each.value += value;
    if (rate !== undefined) each.rate = (each.rate ?? 0) + rate;
    found.set(labels[label], each);
  }
  return (key) => found.get(key) ?? {};
}

/** What a row shows when it is open. `specs`: [title, format, lines, limit], a line being [label, family, labels, isRate]. */
function plots(context, specs) {
  const {status} = context;
  const made = specs.map(([title, formatOne, lines, limit]) => {
    const known = lines.filter(([, family, labels]) => status.find(family, labels));
    if (known.length === 0) return null;
    return new Plot(title, {format: formatOne, limit, lines: known.map(([label, family, labels, rate]) => ({
      label, query: new Query({family, labels, rate: Boolean(rate), by: rate === "sum" ? [] : null, step: status.stepFor(family), window: status.history.window_seconds || 900})}))});
  }).filter(Boolean);
  return {
    element: h("div", {class: "plots"}, ...made.map((plot) => plot.element)),
    plots: made,
    refresh: () => Promise.all(made.map((plot) => plot.refresh(context.status.now(), context.marks))),
    destroy: () => made.forEach((plot) => plot.destroy()),
  };
}

function targets(context) {
  const limitOf = (row) => row.maxFds && row.fds > row.maxFds / 20 ? row.maxFds : null;
  return {
    table: new Table({
      id: "targets", title: "Targets",
      columns: [
        {title: "Target", value: (row) => row.key},
        {title: "State", value: (row) => row.up ? "up" : "down", style: (value) => value === "up" ? "good" : "bad"},
        number("CPU, cores", (row) => row.cpu, format.cores), number("Memory", (row) => row.memory, format.bytes),
        number("Descriptors", (row) => row.fds, (value, row) => `${format.count(value)} of ${format.count(row.maxFds)}`, (value, row) => value > row.maxFds * 0.8 ? "bad" : ""),
        number("Threads", (row) => row.threads, format.count), number("Run-queue delay", (row) => row.delay, format.percent, (value) => value > 0.2 ? "warn" : ""),
      ],
      open: ({key: target, ...row}) => plots(context, [
        ["CPU, in cores", format.cores, ["user", "system"].map((mode) => [mode, "vitalsd_target_cpu_seconds_total", {target, mode}, true])],
        ["Memory", format.bytes, [...["anonymous", "file", "shared"].map((type) => [type, "vitalsd_target_resident_bytes", {target, type}]), ["swapped", "vitalsd_target_swap_bytes", {target}]]],
        ["Descriptors", format.count, [["open", "vitalsd_target_open_fds", {target}]], limitOf(row)],
        ["Threads", format.count, [["threads", "vitalsd_target_threads", {target}]]],
        ["Run-queue delay", format.percent, [["waiting for a CPU", "vitalsd_target_run_delay_seconds_total", {target}, true]]],
      ]),
    }),
    rows(status) {
      const of = (family) => byLabel(status, family, "target");
      const [cpu, memory, fds, maxFds, threads, delay] = ["cpu_seconds_total", "resident_bytes", "open_fds", "max_fds", "threads", "run_delay_seconds_total"].map((name) => of("vitalsd_target_" + name));
      return status.series("vitalsd_target_up").map(({labels: {target: key}, value}) => ({key, up: value === 1, cpu: cpu(key).rate, memory: memory(key).value, fds: fds(key).value, maxFds: maxFds(key).value, threads: threads(key).value, delay: delay(key).rate}));
    },
  };
}

function groups(context) {
  const kGroup = "namedprocess_namegroup_";
  return {
    table: new Table({
      id: "groups", title: "Process groups", sortBy: 2,
      columns: [
        {title: "Group", value: (row) => row.key},
        number("Processes", (row) => row.processes, format.count), number("CPU, cores", (row) => row.cpu, format.cores),
        number("Memory", (row) => row.memory, format.bytes), number("Descriptors", (row) => row.fds, format.count),
        number("Of the limit", (row) => row.worst, format.percent, (value) => value > 0.8 ? "bad" : ""),
        number("Threads", (row) => row.threads, format.count), number("Waiting for a CPU", (row) => row.delay, format.cores),
        number("Read", (row) => row.read, format.byteRate), number("Written", (row) => row.written, format.byteRate),
      ],
      open: ({key: groupname}) => plots(context, [
        ["CPU, in cores", format.cores, ["user", "system"].map((mode) => [mode, kGroup + "cpu_seconds_total", {groupname, mode}, true])],
        ["Memory", format.bytes, [["resident", kGroup + "memory_bytes", {groupname, memtype: "resident"}], ...["anonymous", "file", "shared"].map((memtype) => [memtype, "vitalsd_process_resident_bytes", {groupname, memtype}]), ["swapped", kGroup + "memory_bytes", {groupname, memtype: "swapped"}]]],
        ["Descriptors", format.count, [["open", kGroup + "open_filedesc", {groupname}]]],
        ["Nearest to the limit of descriptors", format.percent, [["of the limit", kGroup + "worst_fd_ratio", {groupname}]], 1],
        ["Processes and threads", format.count, [["processes", kGroup + "num_procs", {groupname}], ["threads", kGroup + "num_threads", {groupname}]]],
        ["Processes waiting for a CPU", format.cores, [["waiting", "vitalsd_process_run_delay_seconds_total", {groupname}, true]]],
        ["Storage", format.byteRate, [["read", kGroup + "read_bytes_total", {groupname}, true], ["written", kGroup + "write_bytes_total", {groupname}, true]]],
      ]),
    }),
    rows(status) {
      const of = (family, only) => byLabel(status, family, "groupname", only);
      const cpu = of(kGroup + "cpu_seconds_total"), memory = of(kGroup + "memory_bytes", {memtype: "resident"});
      const [fds, worst, threads, read, written] = ["open_filedesc", "worst_fd_ratio", "num_threads", "read_bytes_total", "write_bytes_total"].map((name) => of(kGroup + name));
      const delay = of("vitalsd_process_run_delay_seconds_total");
      return status.series(kGroup + "num_procs").map(({labels: {groupname: key}, value}) => ({key, processes: value, cpu: cpu(key).rate, memory: memory(key).value, fds: fds(key).value, worst: worst(key).value, threads: threads(key).value, delay: delay(key).rate, read: read(key).rate, written: written(key).rate}));
    },
  };
}

function cgroups(context) {
  const place = ({namespace, pod, container}) => [namespace, pod, container].filter(Boolean).join("/");
  return {
    table: new Table({
      id: "cgroups", title: "Cgroups and containers", sortBy: 1,
      columns: [
        {title: "Cgroup", value: (row) => row.name},
        number("CPU, cores", (row) => row.cpu, (value, row) => format.cores(value) + (row.cores ? ` of ${format.cores(row.cores)}` : "")),
        number("Throttled", (row) => row.throttled, format.percent, (value) => value > 0.25 ? "bad" : value > 0.05 ? "warn" : ""),
        number("Memory", (row) => row.memory, format.bytes), number("Limit", (row) => row.limit, format.bytes),
        number("Of the limit", (row) => row.ofLimit, format.percent, (value) => value > 0.9 ? "bad" : value > 0.75 ? "warn" : ""),
        number("OOM kills", (row) => row.kills, format.count, (value) => value > 0 ? "bad" : ""), number("Threads", (row) => row.threads, format.count),
      ],
      open: ({key: id, limit, cores}) => plots(context, [
        ["CPU, in cores", format.cores, [["used", "container_cpu_usage_seconds_total", {id}, true], ["throttled", "container_cpu_cfs_throttled_seconds_total", {id}, true]], cores],
        ["Memory", format.bytes, [["working set", "container_memory_working_set_bytes", {id}], ["anonymous", "container_memory_rss", {id}], ["all", "container_memory_usage_bytes", {id}]], limit],
        ["Pressure: time lost to waiting", format.percent, [["cpu", "container_pressure_cpu_waiting_seconds_total", {id}, true], ["memory", "container_pressure_memory_stalled_seconds_total", {id}, true], ["io", "container_pressure_io_stalled_seconds_total", {id}, true]], 1],
        ["Periods of the CPU quota", format.perSecond, [["all", "container_cpu_cfs_periods_total", {id}, true], ["throttled", "container_cpu_cfs_throttled_periods_total", {id}, true]]],
        ["Threads", format.count, [["threads", "container_threads", {id}]]],
      ]),
    }),
    rows(status) {
      const of = (family) => byLabel(status, family, "id");
      const [cpu, periods, throttled, memory, kills, threads] = ["cpu_usage_seconds_total", "cpu_cfs_periods_total", "cpu_cfs_throttled_periods_total", "memory_working_set_bytes", "oom_events_total", "threads"].map((name) => of("container_" + name));
      const limits = of("vitalsd_cgroup_memory_limit_bytes"), cores = of("vitalsd_cgroup_cpu_limit_cores");
      const seen = new Map();
      for (const {labels} of [...status.series("container_memory_working_set_bytes"), ...status.series("container_cpu_usage_seconds_total")]) seen.set(labels.id, labels);
      return [...seen].map(([key, labels]) => {
        const name = place(labels) ? `${place(labels)} (${key})` : key;
        const limit = limits(key).value, {value} = memory(key), {rate} = periods(key);
        return {key, name, search: name, cpu: cpu(key).rate, cores: cores(key).value, throttled: rate > 0 ? throttled(key).rate / rate : undefined, memory: value, limit, ofLimit: limit ? value / limit : undefined, kills: kills(key).value, threads: threads(key).value};
      });
    },
  };
}

function collectors() {
  let before = new Map(), beforeAt = 0, shares = new Map();
  return {
    table: new Table({
      id: "collectors", title: "Collectors",
      columns: [
        {title: "Collector", value: (row) => row.key},
        {title: "State", value: (row) => row.state, style: (value) => value === "ok" ? "good" : value === "failed" || value === "stuck" ? "bad" : "soft"},
        number("Age", (row) => row.age, format.duration, (value, row) => value > 3 * row.interval + 2 ? "bad" : ""),
        number("Every", (row) => row.interval, format.duration), number("Duration", (row) => row.duration, format.duration),
        number("CPU", (row) => row.share, (value) => value === undefined ? "\u2013" : (value * 100).toFixed(3) + " %"),
        number("Left out", (row) => row.skipped, format.count, (value) => value > 0 ? "warn" : ""),
        {title: "Last error", value: (row) => row.error, text: (value) => value ?? ""},
      ],
    }),
    rows(status) {
      if (status.time > beforeAt) {
        const now = new Map(status.collectors.map((each) => [each.name, each.cpu_seconds]));
        if (beforeAt) shares = new Map([...now].map(([name, cpu]) => [name, before.has(name) && cpu >= before.get(name) ? (cpu - before.get(name)) / (status.time - beforeAt) : undefined]));
        [before, beforeAt] = [now, status.time];
      }
      return status.collectors.map((each) => ({key: each.name, search: `${each.name} ${each.state} ${each.error ?? ""}`, state: each.state, age: each.collected === undefined ? undefined : Math.max(0, status.now() - each.collected), interval: each.interval_seconds, duration: each.duration_seconds, share: shares.get(each.name), skipped: each.skipped, error: each.error}));
    },
  };
}

/** What the daemon itself costs. */
class OwnCost {
  constructor() {
    this.facts = h("p", {class: "soft"});
    this.box = h("div", {class: "plots"});
    this.element = h("section", {id: "own", hidden: true}, h("div", {class: "bar"}, h("h2", {}, "vitalsd itself"), this.facts), this.box);
  }
  async update(status, marks) {
    if (!status.has("process_resident_memory_bytes")) return;
    this.element.hidden = false;
    if (!this.plots) {
      const query = (family, rate) => new Query({family, rate, step: status.stepFor(family), window: status.history.window_seconds || 900});
      this.plots = [
        new Plot("CPU, part of a core", {format: format.percent, lines: [{label: "used", query: query("process_cpu_seconds_total", true)}]}),
        new Plot("Resident memory", {format: format.bytes, lines: [{label: "resident", query: query("process_resident_memory_bytes")}]}),
        new Plot("Open descriptors", {format: format.count, lines: [{label: "open", query: query("process_open_fds")}]}),
      ];
      this.box.append(...this.plots.map((plot) => plot.element));
    }
    const left = status.history.samples_left_out;
    this.facts.textContent = `${format.percent(status.rate("process_cpu_seconds_total"))} of a core, ${format.bytes(status.value("process_resident_memory_bytes"))} resident, ${format.bytes(status.history.bytes)} of them history` + (left ? `; ${format.count(left)} series find no room in it` : "");
    await Promise.all(this.plots.map((plot) => plot.refresh(status.now(), marks)));
  }
}

export class Rows {
  constructor(element) {
    this.context = {status: null, marks: []};
    this.kinds = [targets, groups, cgroups, collectors].map((make) => make(this.context));
    this.own = new OwnCost();
    element.append(...this.kinds.map(({table}) => table.element), this.own.element);
  }
  get plots() { return [...this.kinds.flatMap(({table}) => table.opened.flatMap((detail) => detail.plots)), ...this.own.plots ?? []]; }
  async update(status, marks) {
    Object.assign(this.context, {status, marks});
    for (const {table, rows} of this.kinds) table.update(rows(status));
    const opened = this.kinds.flatMap(({table}) => table.opened);
    await Promise.all([this.own.update(status, marks), ...opened.map((detail) => detail.refresh())]);
  }
}
