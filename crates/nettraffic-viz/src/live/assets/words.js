/* Times and numbers as people read them. */
import { clean, element, significant } from "./rows.js";

export const count = (number) => Math.round(number).toLocaleString("en");

export const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

const scaled = (value, units) => {
  const [size, name] = units.find(([size]) => Math.abs(value) >= size) ?? [1, units.at(-1)[1]];
  return `${significant(value / size)} ${name}`;
};
export const bytes = (value) => scaled(value, [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]]);
export const bits = (value) => scaled(value, [[1e12, "Tbit"], [1e9, "Gbit"], [1e6, "Mbit"], [1e3, "kbit"], [1, "bit"]]);

/* The two largest units of a length of time: `3 min 12 s`. */
export const length = (seconds) => {
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  for (let at = 0; at + 1 < units.length; at += 1) {
    const [[large, name], [small, smallName]] = [units[at], units[at + 1]];
    if (seconds < large) continue;
    const rest = Math.floor(seconds % large / small);
    return `${Math.floor(seconds / large)} ${name}${rest ? ` ${rest} ${smallName}` : ""}`;
  }
  return seconds >= 1 || seconds === 0 ? `${Math.round(seconds)} s` : `${Math.round(seconds * 1e3)} ms`;
};

/* Outside of this no calendar of browsers reaches. */
const date = (ns) => new Date(Math.min(8.64e15, Math.max(-8.64e15, ns / 1e6)));
const iso = (ns) => date(ns).toISOString();
export const clock = (ns) => iso(ns).slice(-13, -5);
export const local = (ns) => date(ns).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });

/* A time to the second, with its date where that is not the day of `now`. */
export const moment = (ns, now) => {
  const made = element("time", "");
  made.dateTime = iso(ns);
  made.title = `${iso(ns).slice(0, -5).replace("T", " ")} UTC, here ${local(ns)}`;
  const day = iso(ns).slice(0, -14);
  if (now !== undefined && day !== iso(now).slice(0, -14)) made.append(element("span", "muted", day), " ");
  made.append(clock(ns));
  return made;
};

/* Pairs of name and value as a list. */
export const facts = (pairs) => element("dl", "facts", ...pairs.filter(Boolean).map(([name, ...values]) => {
  const shown = values.map((value) => typeof value === "string" ? clean(value) : value);
  return element("div", "", element("dt", "", clean(name)), element("dd", "", ...shown));
}));

export const button = (kind, text, action) => {
  const made = element("button", kind, text);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
};
