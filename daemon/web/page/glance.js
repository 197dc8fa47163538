// The host at a glance: a card with a plot for each thing that may be short. In a pod that sees no host, the container's own.
import {h, setText} from "./dom.js";
import {Query} from "./api.js";
import {Plot} from "./plots.js";
import * as format from "./format.js";

const query = (status, family, more = {}) =>
  new Query({family, step: status.stepFor(family), window: status.history.window_seconds || 900, ...more});

const peak = (plot, place = 0) => plot.peaks?.[place] > 0 ? `, peak ${plot.format(plot.peaks[place])}` : "";

/** The device that moves most of these counters, now or, where none does, ever. The one before stays until another moves
    twice as much, so that a plot is not begun again and again. */
function busiest(status, families, isShown, before) {
  const sums = new Map();
  for (const family of families) {
    for (const {labels: {device}, rate, value} of status.series(family)) {
      if (!isShown(device)) continue;
      const sum = sums.get(device) ?? {device, rate: 0, value: 0};
      sums.set(device, {device, rate: sum.rate + (rate ?? 0), value: sum.value + value});
    }
  }
  const first = [...sums.values()].sort((a, b) => b.rate - a.rate || b.value - a.value)[0];
  const kept = sums.get(before);
  return kept && !(first.rate > 2 * kept.rate && first.rate > 10_000) ? before : first?.device;
}

// Images are full by nature.
const kImages = new Set(["squashfs", "iso9660", "erofs", "cramfs", "udf"]);

/** File systems by how full they are; one that is mounted twice counts once. */
function fileSystems(status) {
  const seen = new Set(), found = [];
  for (const {labels, value: size} of status.series("node_filesystem_size_bytes")) {
    const free = status.value("node_filesystem_avail_bytes", labels);
    if (!(size > 0) || free === undefined || kImages.has(labels.fstype)) continue;
    if (labels.device.startsWith("/") && seen.has(labels.device)) continue;
    seen.add(labels.device);
    found.push({labels, size, free, used: 1 - free / size});
  }
  return found.sort((a, b) => b.used - a.used);
}

/** The container that the daemon is in, as far as its cgroups show one. */
const ownCgroup = (status) => status.series("container_memory_working_set_bytes")
  .map(({labels}) => labels).sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1))[0];

function devices(title, read, write, names, isShown) {
  return {
    subject: (status, before) => busiest(status, [read, write], isShown, before),
    make(status, device) {
      const lines = [read, write].map((family, i) => ({label: names[i], query: query(status, family, {labels: {device}, rate: true})}));
      return new Plot(`${title}, ${device}`, {format: format.byteRate, lines});
    },
    now: (status, plot, device) => [`${format.byteRate(status.rate(read, {device}))} ${names[0]}, ${format.byteRate(status.rate(write, {device}))} ${names[1]}`, ""],
  };
}

// `subject` names what a card shows, undefined if there is nothing; another subject makes another card.
const kCards = [
  {
    subject: (status) => status.has("node_cpu_seconds_total") ? "cpu" : undefined,
    make(status) {
      const modes = query(status, "node_cpu_seconds_total", {rate: true, by: ["mode"]}), {cpus} = status;
      const share = (values) => values.map((value) => value / cpus);
      const line = (mode) => ({label: mode, query: modes, labels: {mode}, map: share});
      const busy = {label: "busy", query: modes, labels: {mode: "idle"}, map: ([least, mean, most]) => share([cpus - most, cpus - mean, cpus - least].map((value) => Math.max(0, value)))};
      return new Plot("CPU", {format: format.percent, limit: 1, lines: [busy, ...["user", "system", "iowait", "steal"].map(line)]});
    },
    now(status, plot) {
      const idle = status.rate("node_cpu_seconds_total", {mode: "idle"});
      return [idle === undefined ? "\u2013" : format.percent(Math.max(0, 1 - idle / status.cpus)), `busy of ${status.cpus} CPUs${peak(plot)}`];
    },
  },
  {
    subject: (status) => status.has("node_load1") ? "load" : undefined,
    make: (status) => new Plot("Load", {format: format.count, limit: status.cpus, lines: [1, 5, 15].map((minutes) => ({label: `${minutes} min`, query: query(status, `node_load${minutes}`)}))}),
    now: (status, plot) => [status.value("node_load1").toFixed(2), `on ${status.cpus} CPUs${peak(plot)}`],
  },
  {
    subject: (status) => status.has("node_memory_MemTotal_bytes") && status.has("node_memory_MemAvailable_bytes") ? "memory" : undefined,
    make(status) {
      const total = status.value("node_memory_MemTotal_bytes");
      const used = {label: "used", query: query(status, "node_memory_MemAvailable_bytes"), map: ([least, mean, most]) => [total - most, total - mean, total - least]};
      return new Plot("Memory", {format: format.bytes, limit: total, lines: [used, {label: "cached", query: query(status, "node_memory_Cached_bytes")}, {label: "dirty", query: query(status, "node_memory_Dirty_bytes")}]});
    },
    now(status, plot) {
      const total = status.value("node_memory_MemTotal_bytes"), free = status.value("node_memory_MemAvailable_bytes");
      return [format.percent(1 - free / total), `${format.bytes(free)} available of ${format.bytes(total)}${peak(plot)}`];
    },
  },
  {
    subject: (status) => status.value("node_memory_SwapTotal_bytes") > 0 ? "swap" : undefined,
    make(status) {
      const total = status.value("node_memory_SwapTotal_bytes");
      return new Plot("Swap", {format: format.bytes, limit: total, lines: [{label: "used", query: query(status, "node_memory_SwapFree_bytes"), map: ([least, mean, most]) => [total - most, total - mean, total - least]}]});
    },
    now(status, plot) {
      const total = status.value("node_memory_SwapTotal_bytes"), used = total - status.value("node_memory_SwapFree_bytes");
      return [format.bytes(used), `used of ${format.bytes(total)}${peak(plot)}`];
    },
  },
  {
    subject: (status) => status.has("node_pressure_cpu_waiting_seconds_total") ? "pressure" : undefined,
    make: (status) => new Plot("Pressure: time lost to waiting", {format: format.percent, limit: 1, lines: ["cpu", "memory", "io"].map((what) => ({label: what, query: query(status, `node_pressure_${what}_waiting_seconds_total`, {rate: true}), map: (values) => values.map((value) => Math.min(value, 1))}))}),
    now(status, plot) {
      const rates = ["cpu", "memory", "io"].map((what) => [what, status.rate(`node_pressure_${what}_waiting_seconds_total`) ?? 0]);
      const [worst, rate] = rates.sort((a, b) => b[1] - a[1])[0];
      return [format.percent(Math.min(rate, 1)), `of the time waiting for ${worst}${peak(plot, ["cpu", "memory", "io"].indexOf(worst))}`];
    },
  },
  {
    subject: (status) => fileSystems(status)[0] && JSON.stringify(fileSystems(status)[0].labels),
    make(status, subject) {
      const labels = JSON.parse(subject), total = status.value("node_filesystem_size_bytes", labels);
      const lines = [{label: "used", query: query(status, "node_filesystem_avail_bytes", {labels}), map: ([least, mean, most]) => [total - most, total - mean, total - least]}];
      const plot = new Plot(`Disk with least room, ${labels.mountpoint}`, {format: format.bytes, lines, limit: total});
      plot.list = h("ul", {class: "room"});
      plot.canvas.before(plot.list);
      return plot;
    },
    now(status, plot) {
      const found = fileSystems(status);
      plot.list.replaceChildren(...found.slice(1, 4).map(({labels, size, free, used}) => {
        const meter = h("meter", {min: 0, max: 1, high: 0.9, low: 0.8, optimum: 0, value: used, "aria-label": `${labels.mountpoint} used`});
        return h("li", {}, h("span", {class: "name"}, labels.mountpoint), meter, `${format.bytes(free)} of ${format.bytes(size)} free`);
      }));
      return [format.percent(found[0].used), `${format.bytes(found[0].free)} of ${format.bytes(found[0].size)} free`];
    },
  },
  devices("Disk", "node_disk_read_bytes_total", "node_disk_written_bytes_total", ["read", "written"], () => true),
  devices("Network", "node_network_receive_bytes_total", "node_network_transmit_bytes_total", ["in", "out"], (device) => device !== "lo"),
  {
    subject: (status) => !status.has("node_cpu_seconds_total") && ownCgroup(status) ? ownCgroup(status).id : undefined,
    make(status, id) {
      const limit = status.value("vitalsd_cgroup_cpu_limit_cores", {id});
      return new Plot("CPU of the container, in cores", {format: format.cores, limit, lines: [{label: "used", query: query(status, "container_cpu_usage_seconds_total", {labels: {id}, rate: true})}, {label: "throttled", query: query(status, "container_cpu_cfs_throttled_seconds_total", {labels: {id}, rate: true})}]});
    },
    now(status, plot, id) {
      const limit = status.value("vitalsd_cgroup_cpu_limit_cores", {id});
      return [format.cores(status.rate("container_cpu_usage_seconds_total", {id})), (limit ? `of ${format.cores(limit)} cores` : "cores, no limit") + peak(plot)];
    },
  },
  {
    subject: (status) => !status.has("node_memory_MemTotal_bytes") && ownCgroup(status) ? ownCgroup(status).id : undefined,
    make(status, id) {
      const limit = status.value("vitalsd_cgroup_memory_limit_bytes", {id});
      return new Plot("Memory of the container", {format: format.bytes, limit, lines: [{label: "working set", query: query(status, "container_memory_working_set_bytes", {labels: {id}})}, {label: "anonymous", query: query(status, "container_memory_rss", {labels: {id}})}]});
    },
    now(status, plot, id) {
      const limit = status.value("vitalsd_cgroup_memory_limit_bytes", {id});
      return [format.bytes(status.value("container_memory_working_set_bytes", {id})), (limit ? `of ${format.bytes(limit)}` : "no limit") + peak(plot)];
    },
  },
];

export class Glance {
  constructor(element) { Object.assign(this, {element, cards: kCards.map((card) => ({card}))}); }

  get plots() { return this.cards.map(({plot}) => plot).filter(Boolean); }

  async update(status, marks) {
    let changed = false;
    for (const each of this.cards) {
      const subject = each.card.subject(status, each.subject);
      if (subject === each.subject) continue;
      each.plot?.destroy();
      each.subject = subject;
      each.plot = subject === undefined ? null : each.card.make(status, subject);
      if (each.plot) {
        each.now = h("b", {class: "now"});
        each.plot.element.firstChild.after(each.now);
      }
      changed = true;
    }
    if (changed) this.element.replaceChildren(...this.plots.map((plot) => plot.element));
    await Promise.all(this.plots.map((plot) => plot.refresh(status.now(), marks)));
    for (const {card, plot, now, subject} of this.cards) {
      if (!plot) continue;
      const [value, rest] = card.now(status, plot, subject);
      if (now.childElementCount === 0) now.append("", h("small"));
      if (now.firstChild.data !== value) now.firstChild.data = value;
      setText(now.lastChild, rest);
    }
  }
}
