// The status page: looks every five seconds while it is seen, and shows the overview or a report.
import {byId, setText} from "./dom.js";
import {fetchReports, kPeriod, Status} from "./api.js";
import {Glance} from "./glance.js";
import {Incidents} from "./incidents.js";
import {ReportPage} from "./report.js";
import {Rows} from "./rows.js";
import {duration} from "./format.js";

const glance = new Glance(byId("glance"));
const incidents = new Incidents(byId("incidents"));
const rows = new Rows(byId("tables"));
const report = new ReportPage(byId("report"));
let timer = 0, looking = false, started = 0, lastLook = 0;

function head(status) {
  document.title = `${status.hostname} \u2013 vitalsd`;
  setText(byId("host"), status.hostname);
  const own = [`vitalsd ${status.version}`, status.status, `up ${duration(status.now() - status.start_time)}`, status.platform];
  setText(byId("facts"), own.join(" \u00b7 "));
  byId("metrics").setAttribute("href", status.telemetry_path.replace(/^\//, ""));
}

function notice(text) {
  const element = byId("notice");
  element.hidden = !text;
  setText(element, text);
}

async function look() {
  clearTimeout(timer);
  if (looking || document.hidden || !byId("report").hidden) return;
  looking = true;
  try {
    const status = await Status.fetch();
    // Another daemon answers, or nobody has looked for so long that the lines would have a hole.
    if (status.start_time !== started || Date.now() - lastLook > 60_000) {
      for (const plot of [...glance.plots, ...rows.plots]) plot.queries.forEach((query) => query.forget());
    }
    [started, lastLook] = [status.start_time, Date.now()];
    incidents.update(await fetchReports());
    head(status);
    await Promise.all([glance.update(status, incidents.marks), rows.update(status, incidents.marks)]);
    notice(status.lack);
    document.body.dataset.looks = Number(document.body.dataset.looks ?? 0) + 1;
  } catch (error) {
    notice(error instanceof TypeError ? "vitalsd does not answer. Trying again." : `Cannot show all: ${error.message}`);
  } finally {
    looking = false;
    timer = setTimeout(look, kPeriod * 1000);
  }
}

async function route() {
  const id = new URLSearchParams(location.hash.slice(1)).get("report");
  const wasReport = !byId("report").hidden;
  byId("report").hidden = !id;
  byId("overview").hidden = Boolean(id);
  if (id) {
    await report.open(id);
  } else {
    report.close();
    if (wasReport) byId("host").focus();
    look();
  }
}

document.addEventListener("visibilitychange", look);
addEventListener("hashchange", route);
route();
