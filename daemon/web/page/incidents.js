// The incidents of which there are reports: marks for the plots, and links.
import {h} from "./dom.js";
import {date} from "./format.js";

export const kCauses = {
  oom_kill: "OOM kill", target_ended: "Target ended", pressure: "Stall",
};
export const reportLink = (id) => "#report=" + encodeURIComponent(id);

export class Incidents {
  constructor(element) { Object.assign(this, {element, marks: [], known: null}); }

  update(reports) {
    const key = reports.map(({id}) => id).join();
    if (key === this.known) return;
    this.known = key;
    this.marks = reports.map(({id, time, cause}) => ({at: Date.parse(time) / 1000, title: `${kCauses[cause] ?? cause}: open the report`, href: reportLink(id)}));
    this.element.replaceChildren();
    if (reports.length === 0) return;
    const rows = reports.map(({id, time, cause}) => h("tr", {}, h("td", {}, h("a", {href: reportLink(id)}, kCauses[cause] ?? cause)), h("td", {}, date(Date.parse(time) / 1000))));
    this.element.append(h("h2", {}, "Incidents"), h("div", {class: "scroll"}, h("table", {}, h("caption", {}, "Incidents, newest first"),
      h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "What"), h("th", {scope: "col"}, "When"))), h("tbody", {}, ...rows))));
  }
}
