// A table that can be sorted and searched, and whose rows open. Rows are updated where they are, so that a focus and what
// is open stay.
import {h, setText, setClass} from "./dom.js";

const kShown = 100;
const collator = new Intl.Collator(undefined, {numeric: true});

function compare(a, b) {
  const known = (value) => value !== undefined && value !== null && !Number.isNaN(value);
  if (!known(a) || !known(b)) return known(b) - known(a);  // what is not known is last in the usual order
  return typeof a === "number" ? b - a : collator.compare(a, b);
}

export class Table {
  /** `columns`: [{title, value(row), text(value, row), numeric, style(value, row)}], the first with the row's name;
      `open(row)` makes {element, refresh(), destroy()} for what a row shows when opened. */
  constructor({id, title, columns, sortBy = 0, open = null}) {
    Object.assign(this, {id, columns, open, sortBy, reversed: false, rows: [], lines: new Map(), details: new Map(), most: kShown});
    this.search = h("input", {type: "search", placeholder: "Search", "aria-label": `Search ${title}`, oninput: () => this.#arrange()});
    this.found = h("span", {class: "soft", role: "status"});
    this.heads = columns.map((column, i) => h("th", {scope: "col", class: column.numeric ? "n" : null},
      h("button", {type: "button", onclick: () => this.#sort(i)}, column.title)));
    this.body = h("tbody");
    this.more = h("button", {type: "button", class: "more", onclick: () => { this.most = Infinity; this.#arrange(); }});
    this.element = h("section", {id, hidden: true},
      h("div", {class: "bar"}, h("h2", {}, title), this.search, this.found),
      h("div", {class: "scroll"}, h("table", {}, h("caption", {}, title), h("thead", {}, h("tr", {}, ...this.heads)), this.body), this.more));
    this.#markSort();
  }

  /** `rows`: objects with a `key` of their own. */
  update(rows) {
    this.rows = rows;
    this.element.hidden = rows.length === 0;
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, line] of this.lines) {
      if (keys.has(key)) continue;
      line.element.remove();
      this.#close(key);
      this.lines.delete(key);
    }
    for (const row of rows) this.#write(row);
    this.#arrange();
  }

  get opened() { return [...this.details.values()]; }

  #write(row) {
    let line = this.lines.get(row.key);
    if (!line) {
      line = {cells: this.columns.map((column) => h("td", {class: column.numeric ? "n" : "name"}))};
      if (this.open) {
        line.button = h("button", {type: "button", class: "open name", "aria-expanded": "false", onclick: () => this.toggle(row.key)});
        line.cells[0].append(line.button);
      }
      line.element = h("tr", {}, ...line.cells);
      this.lines.set(row.key, line);
    }
    line.row = row;
    this.columns.forEach((column, i) => {
      const value = column.value(row);
      setText(i === 0 && line.button ? line.button : line.cells[i], column.text ? column.text(value, row) : value ?? "\u2013");
      if (column.style) setClass(line.cells[i], `${column.numeric ? "n" : "name"} ${column.style(value, row) ?? ""}`.trim());
    });
  }

  #sort(place) {
    this.reversed = this.sortBy === place && !this.reversed;
    this.sortBy = place;
    this.#markSort();
    this.#arrange();
  }

  // Numbers begin with the largest, words with A.
  #markSort() {
    this.heads.forEach((head, i) => {
      if (i !== this.sortBy) return head.removeAttribute("aria-sort");
      const falling = Boolean(this.columns[i].numeric) !== this.reversed;
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    });
  }

  #arrange() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (row) => {
      const text = (row.search ?? row.key).toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const {value} = this.columns[this.sortBy], turn = this.reversed ? -1 : 1;
    const found = this.rows.filter(fits).sort((a, b) => turn * compare(value(a), value(b)) || collator.compare(a.key, b.key));
    const shown = found.slice(0, this.most);
    const wanted = shown.flatMap(({key}) => [this.lines.get(key).element, this.details.get(key)?.line].filter(Boolean));
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    if (wanted.length !== this.body.children.length || wanted.some((line, i) => line !== this.body.children[i])) {
      this.body.replaceChildren(...wanted);
      if (focused && this.body.contains(focused)) focused.focus({preventScroll: true});
    }
    this.more.hidden = shown.length === found.length;
    setText(this.more, `Show all ${found.length}`);
    setText(this.found, words.length ? `${found.length} of ${this.rows.length}` : String(this.rows.length));
  }

  toggle(key) {
    const line = this.lines.get(key);
    if (this.details.has(key)) {
      this.#close(key);
    } else {
      const detail = this.open(line.row);
      detail.line = h("tr", {class: "detail"}, h("td", {colspan: this.columns.length}, detail.element));
      this.details.set(key, detail);
      line.button.setAttribute("aria-expanded", "true");
      detail.refresh().catch(() => {});  // the next look says so
    }
    this.#arrange();
  }

  #close(key) {
    const detail = this.details.get(key);
    if (!detail) return;
    detail.destroy();
    detail.line.remove();
    this.details.delete(key);
    this.lines.get(key)?.button.setAttribute("aria-expanded", "false");
  }
}
