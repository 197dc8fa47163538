// What the daemon knows: the newest values, and the history of a series in steps of least, mean and most.
export const kPeriod = 5;  // seconds between two looks

async function get(path, headers = {}) {
  const response = await fetch(path, {cache: "no-store", headers});
  if (response.status === 304) return {response};
  if (!response.ok) throw new Error(`${path.split("?")[0]}: ${response.status} ${(await response.text()).slice(0, 200)}`);
  return {response, json: await response.json()};
}

export const fetchReports = async () => (await get("api/v1/reports")).json.data;
export const fetchReport = async (id) => (await get("api/v1/reports?id=" + encodeURIComponent(id))).json;
export const reportUrl = (id) => "api/v1/reports?id=" + encodeURIComponent(id);

/** The newest values. `series(family)` has labels, value and, for counters, rate. */
export class Status {
  static #etag = "";
  static #last = null;

  /** The one before where nothing was collected since. */
  static async fetch() {
    const {response, json} = await get("api/v1/status", Status.#etag ? {"If-None-Match": Status.#etag} : {});
    if (json) {
      Status.#etag = response.headers.get("ETag") ?? "";
      Status.#last = new Status(json.data);
    }
    return Status.#last;
  }

  constructor(data) {
    Object.assign(this, {families: {}, collectors: [], history: {}}, data);
    this.skew = Date.now() / 1000 - data.time;  // this clock against the daemon's
  }
  has(family) { return this.series(family).length > 0; }
  series(family) { return this.families[family]?.series ?? []; }
  find(family, labels = {}) {
    return this.series(family).find((each) => Object.entries(labels).every(([name, value]) => each.labels[name] === value));
  }
  value(family, labels) { return this.find(family, labels)?.value; }
  rate(family, labels) { return this.find(family, labels)?.rate; }
  /** The daemon's time now, in seconds. */
  now() { return Date.now() / 1000 - this.skew; }
  /** A step in which the collector of this family runs at least twice. */
  stepFor(family) {
    const name = this.families[family]?.collector;
    const interval = this.collectors.find((each) => each.name === name)?.interval_seconds ?? 5;
    return Math.max(kPeriod, Math.ceil(2 * interval / 5) * 5);
  }
}

const escaped = (value) => value.replace(/\\/g, "\\\\").replace(/"/g, "\\\"").replace(/\n/g, "\\n");
export function selector(family, labels = {}) {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return family + (parts.length ? `{${parts.join(",")}}` : "");
}

/** The history of one selector, kept here and fetched on from where it ends. Steps end at whole multiples of `step`. */
export class Query {
  constructor({family, labels, rate = false, by = null, step = kPeriod, window = 900}) {
    Object.assign(this, {family, step, window, lines: new Map(), upTo: 0});
    const parameters = new URLSearchParams({match: selector(family, labels), step: step + "s"});
    if (rate) parameters.set("rate", "true");
    for (const label of by ?? []) parameters.append("by", label);
    if (by && by.length === 0) parameters.append("by", "");
    this.parameters = parameters;
  }

  async refresh(now) {
    const end = Math.floor(now / this.step) * this.step;
    const begin = end - (Math.floor(this.window / this.step) - 2) * this.step;
    const from = Math.max(begin, this.upTo);
    this.parameters.set("from", from);
    const {json} = await get("api/v1/history?" + this.parameters);
    for (const {labels, points} of json.data.series) {
      const key = JSON.stringify(labels);
      if (!this.lines.has(key)) this.lines.set(key, {labels, points: new Map()});
      const line = this.lines.get(key);
      for (const [at, ...values] of points) line.points.set(Math.ceil(at / this.step - 1e-4) * this.step, values);
    }
    for (const [key, {points}] of this.lines) {
      for (const at of points.keys()) if (at <= begin) points.delete(at);
      if (points.size === 0) this.lines.delete(key);
    }
    this.upTo = end - this.step;  // what is new may still have come late into the last whole step
    this.begin = begin;
    this.end = end + this.step;
    return this;
  }

  /** Another daemon answers now, or time was lost: all of it is asked for again. */
  forget() { this.lines.clear(); this.upTo = 0; }
}
