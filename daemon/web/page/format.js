// Numbers as people read them. What is not known is a dash.
const kNone = "\u2013";
const known = (value) => typeof value === "number" && Number.isFinite(value);

function scaled(value, base, units, space) {
  let unit = 0;
  while (Math.abs(value) >= base && unit + 1 < units.length) { value /= base; ++unit; }
  const digits = unit === 0 ? (Number.isInteger(value) ? 0 : value < 10 ? 2 : 1) : Math.abs(value) < 10 ? 1 : 0;
  return value.toFixed(digits) + (units[unit] ? space + units[unit] : "");
}

export const bytes = (value) => !known(value) ? kNone : scaled(Math.round(value), 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], " ");
export const byteRate = (value) => !known(value) ? kNone : bytes(value) + "/s";
export const count = (value) => !known(value) ? kNone : scaled(value, 1000, ["", "k", "M", "G"], "");
export const perSecond = (value) => !known(value) ? kNone : count(value) + "/s";
export const percent = (value) => !known(value) ? kNone : value > 0 && value < 0.0005 ? "<0.1 %" : (value * 100).toFixed(value < 0.0995 && value > 0 ? 1 : 0) + " %";
export const cores = (value) => !known(value) ? kNone : value.toFixed(value < 0.0995 ? 3 : 2);

/** The two largest units that a span has: "3 d 4 h", "12 min 5 s"; short ones as "1.2 ms". */
export function duration(seconds) {
  if (!known(seconds)) return kNone;
  if (seconds < 0.001) return Math.round(seconds * 1e6) + " \u00b5s";
  if (seconds < 1) return (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0) + " ms";
  if (seconds < 10) return seconds.toFixed(1) + " s";
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  let i = 0;
  while (i < 3 && seconds < units[i][0]) ++i;
  const whole = Math.floor(seconds / units[i][0]);
  const text = whole + " " + units[i][1];
  if (i === 3) return text;
  return text + " " + Math.floor((seconds - whole * units[i][0]) / units[i + 1][0]) + " " + units[i + 1][1];
}

const kClock = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
const kExact = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"});
const kDate = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "long", hourCycle: "h23"});
export const clock = (unix) => kClock.format(unix * 1000);
export const exactClock = (unix) => kExact.format(unix * 1000);
export const date = (unix) => kDate.format(unix * 1000);
export const text = (value) => value ?? kNone;

/** A unit for a family by the end of its name, as metrics are named by convention. */
export function formatOf(family, isRate) {
  if (/_bytes(_total)?$|^container_memory_(rss|cache|swap|mapped_file)$/.test(family)) return isRate ? byteRate : bytes;
  if (/_seconds_total$/.test(family) && isRate) return percent;
  if (/_ratio$/.test(family)) return percent;
  if (/_seconds(_total)?$/.test(family)) return duration;
  return isRate ? perSecond : count;
}
