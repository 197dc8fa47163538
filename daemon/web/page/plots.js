// A plot of lines over time. Each line is the mean of its steps, in a band from their least to their most: a peak between
// two scrapes is seen. Incidents are marks that open their reports.
import {h, setText} from "./dom.js";
import {byteRate, bytes, clock, exactClock} from "./format.js";

const kHeight = 118;
const kSync = uPlot.sync("time");
const kColors = ["--c0", "--c1", "--c2", "--c3", "--c4", "--c5"];
const kPowers = Array.from({length: 60}, (_, i) => 2 ** i);
const kMinutes = [1, 2, 5, 10, 30, 60, 120, 360, 1440].map((minutes) => minutes * 60);
const cssColor = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const all = new Set();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all.forEach((plot) => plot.repaint()));
const sizes = new ResizeObserver((entries) => {
  for (const {target, contentRect} of entries) {
    const plot = target.plot;
    if (plot?.chart && contentRect.width > 0) plot.chart.setSize({width: Math.floor(contentRect.width), height: kHeight});
  }
});

export class Plot {
  /** `lines`: [{label, query, labels, map}] where `labels` choose a line of the query (all: the only one) and `map` makes
      [least, mean, most] of them. `limit` is a number, or a function of the queries' data; drawn once it is near. */
  constructor(title, {format, lines, limit = null, limitLabel = "limit"}) {
    Object.assign(this, {title, format, lines, limit, limitLabel, marks: [], chart: null});
    this.legend = h("ul", {class: "legend", "aria-hidden": "true"});
    this.canvas = h("div", {class: "plot", role: "img", "aria-label": title});
    this.empty = h("span", {class: "none"}, "no samples yet");
    this.canvas.plot = this;
    this.element = h("div", {class: "card"}, h("h3", {}, title), this.legend, this.canvas);
    this.items = lines.map(({label}, i) => {
      const dot = h("i");
      dot.style.background = `var(${kColors[i % kColors.length]})`;
      const value = h("span", {class: "value"});
      this.legend.append(h("li", {}, dot, label + " ", value));
      return value;
    });
    all.add(this);
    sizes.observe(this.canvas);
  }

  get queries() { return new Set(this.lines.map((line) => line.query).filter(Boolean)); }

  async refresh(now, marks) {
    try {
      await Promise.all([...this.queries].map((query) => query.refresh(now)));
      setText(this.empty, "no samples yet");
    } catch (error) {
      if (error instanceof TypeError) throw error;  // nobody answers
      setText(this.empty, error.message);  // costs this plot alone
    }
    this.show(marks);
  }

  /** Lines may also bring `points` themselves: a Map from time to [least, mean, most]. */
  #points(line) {
    if (line.points) return line.points;
    for (const {labels, points} of line.query.lines.values()) {
      if (Object.entries(line.labels ?? {}).every(([name, value]) => labels[name] === value)) return points;
    }
    return new Map();
  }

  show(marks = this.marks) {
    this.marks = marks;
    const points = this.lines.map((line) => this.#points(line));
    const times = [...new Set(points.flatMap((each) => [...each.keys()]))].sort((a, b) => a - b);
    // A step without a sample ends a line, so that a time in which nobody looked is seen as one.
    const step = this.lines[0]?.query?.step;
    const filled = [];
    times.forEach((at, i) => {
      if (step && i > 0 && at - times[i - 1] > step * 1.5) filled.push(times[i - 1] + step);
      filled.push(at);
    });
    const same = ([least, mean, most]) => [least, mean, most];
    this.values = points.map((each, i) => filled.map((at) => each.has(at) ? (this.lines[i].map ?? same)(each.get(at)) : null));
    this.times = filled;
    this.ceiling = typeof this.limit === "function" ? this.limit(this) : this.limit;
    this.#draw();
  }

  get last() { return this.values?.map((each) => each.findLast((value) => value !== null)); }
  get peaks() { return this.values?.map((each) => each.reduce((most, value) => value === null ? most : Math.max(most, value[2]), -Infinity)); }

  #draw() {
    const none = this.times.length < 2;
    if (none) {
      this.chart?.destroy();
      this.chart = null;
      this.canvas.replaceChildren(this.empty);
      this.#write();
      return;
    }
    const data = [this.times];
    for (const each of this.values) for (const part of [2, 0, 1]) data.push(each.map((value) => value?.[part] ?? null));
    if (this.chart) this.chart.setData(data);
    else this.#create(data);
    this.#placeMarks();
    this.#write();
  }

  #create(data) {
    const soft = cssColor("--soft"), grid = {stroke: cssColor("--line"), width: 1};
    const axis = {stroke: soft, grid, ticks: {show: false}, font: "11px system-ui, sans-serif"};
    const series = [{}], bands = [];
    this.lines.forEach((_, i) => {
      const color = cssColor(kColors[i % kColors.length]);
      const hidden = {stroke: color + "00", width: 0, points: {show: false}};
      bands.push({series: [series.length, series.length + 1], fill: color + "40"});
      series.push(hidden, {...hidden}, {stroke: color, width: 1.5, points: {show: false}});
    });
    this.canvas.replaceChildren();
    this.chart = new uPlot({
      width: Math.max(100, this.canvas.clientWidth), height: kHeight, series, bands, padding: [6, 16, 0, 0],
      legend: {show: false},
      cursor: {sync: {key: kSync.key}, y: false, drag: {x: false, y: false}, points: {show: false}},
      scales: {x: {time: true}, y: {range: (_, least, most) => this.#range(most)}},
      axes: [{...axis, size: 24, gap: 5, space: 60, incrs: kMinutes, values: (_, splits) => splits.map(clock)},
             {...axis, size: 58, gap: 3, space: 26, ...(this.format === bytes || this.format === byteRate ? {incrs: kPowers} : {}), values: (_, splits) => splits.map((value) => this.format(value))}],
      hooks: {
        draw: [(chart) => this.#drawLimit(chart)],
        setSize: [() => this.#placeMarks()],
        setCursor: [() => this.#write()],
      },
    }, data, this.canvas);
  }

  #range(most) {
    let top = most > 0 ? most : 1;
    if (this.ceiling && top > this.ceiling / 4) top = Math.max(top, this.ceiling);
    return [0, top * 1.08];
  }

  #drawLimit(chart) {
    if (!this.ceiling || this.ceiling > chart.scales.y.max) return;
    const y = Math.round(chart.valToPos(this.ceiling, "y", true));
    const {ctx, bbox} = chart;
    ctx.save();
    ctx.strokeStyle = cssColor("--limit");
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }

  #placeMarks() {
    if (!this.chart) return;
    const {over, scales} = this.chart;
    over.querySelectorAll(".mark").forEach((mark) => mark.remove());
    for (const {at, title, href} of this.marks) {
      if (at < scales.x.min || at > scales.x.max) continue;
      // The table of incidents has the same links for the keyboard.
      const mark = h("a", {class: "mark", href, title, tabindex: "-1", "aria-label": title});
      mark.style.left = Math.round(this.chart.valToPos(at, "x")) + "px";
      over.append(mark);
    }
  }

  #write() {
    const at = this.chart?.cursor.idx ?? null;
    const {last, peaks} = this;
    this.items.forEach((item, i) => {
      const value = at === null ? last?.[i] : this.values[i]?.[at];
      if (!value) return setText(item, "");
      const text = this.format(value[1]);
      if (at !== null) return setText(item, `${text} (${this.format(value[0])} to ${this.format(value[2])}, ${exactClock(this.times[at])})`);
      setText(item, this.format(peaks[i]) === text ? text : `${text}, peak ${this.format(peaks[i])}`);
    });
    const summary = this.lines.map(({label}, i) => last?.[i] ? `${label} ${this.format(last[i][1])}, peak ${this.format(peaks[i])}` : "").filter(Boolean);
    this.canvas.setAttribute("aria-label", `${this.title}: ${summary.join("; ") || "no samples"}`);
  }

  repaint() {
    this.chart?.destroy();
    this.chart = null;
    if (this.times) this.#draw();
  }

  destroy() {
    this.chart?.destroy();
    sizes.unobserve(this.canvas);
    all.delete(this);
  }
}
