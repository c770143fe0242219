/* The list of alerts: filtered, ordered, with reasons that fold out. */
import { badge, clean, element, reasonItem, significant, spaced } from "./rows.js";
import { marked, marking } from "./marking.js";
import { severities } from "./store.js";
import { button, count, facts, moment } from "./words.js";

const PAGE = 15;
const get = (id) => document.getElementById(id);

/* A reason stands alone here; a report names each kind of reason once. */
export const reasonList = (reasons, most = Infinity) => element("ul", "reasons", ...reasons.slice(0, most).map((reason) =>
  reasonItem({ reasons: [reason] }, [0, reason.observed, reason.value, reason.share])));

export const severityMark = (severity, why) => {
  const made = element("span", `severity ${severity}`, severity);
  if (why) made.title = clean(spaced(why));
  return made;
};

const cell = (kind, label, ...children) => {
  const made = element("td", kind, ...children);
  made.dataset.label = label;
  return made;
};

/* Whether an end such as `10.0.0.7:22` or `[::1]:22` is one of a host; of a part such as `10.0.` that it begins so. */
const whole = /^(\d+\.\d+\.\d+\.\d+|.*:.*[^:])$/;
const isOf = (end, host) => {
  const bare = end.replace(/^\[/, "");
  return bare.startsWith(host) && (!whole.test(host) || ["", ":", "]"].includes(bare.charAt(host.length)));
};

const searched = (alert) => [
  alert.class ?? "unusual", alert.id, alert.uid, alert.community_id, alert.incident, alert.service, alert.sentence, alert.model,
  alert.label, ...alert.reasons.map((reason) => `${reason.feature} ${reason.words}`),
].join("\n").replaceAll("_", " ").toLowerCase();

export class Alerts {
  constructor(store) {
    this.store = store;
    this.rows = new Map();
    this.open = new Set();
    this.page = 0;
    this.incident = null;
    this.body = get("alert-table").tBodies[0];
    for (const id of ["filter-text", "filter-host", "filter-severity", "filter-class", "order", "filter-suppressed"]) {
      get(id).addEventListener("input", () => { this.page = 0; this.draw(); });
    }
    get("filter-clear").addEventListener("click", () => this.clear());
    get("filter-incident").addEventListener("click", () => this.ofIncident(null));
  }

  clear() {
    for (const id of ["filter-text", "filter-host", "filter-class"]) get(id).value = "";
    get("filter-severity").value = "low";
    get("filter-suppressed").checked = false;
    this.ofIncident(null);
  }

  ofHost(address) {
    get("filter-host").value = address;
    this.show();
  }

  ofIncident(id) {
    this.incident = id;
    const chip = get("filter-incident");
    chip.hidden = id === null;
    chip.textContent = id === null ? "" : `incident ${clean(id)} ×`;
    chip.ariaLabel = id === null ? "" : `Alerts of incident ${clean(id)}; press to see all again`;
    if (id === null) { this.page = 0; this.draw(); } else this.show();
  }

  show() {
    this.page = 0;
    this.draw();
    get("alerts").scrollIntoView();
    get("alerts").focus({ preventScroll: true });
  }

  /* Leads to one alert, on whatever page it is. */
  choose(id) {
    if (!this.chosen().some((alert) => alert.id === id)) this.clear();
    this.page = Math.max(0, Math.floor(this.chosen().findIndex((alert) => alert.id === id) / PAGE));
    this.open.add(id);
    this.draw();
    const row = this.rows.get(id);
    if (!row) return;
    row.fold();
    row.main.scrollIntoView({ block: "center" });
    row.toggle.focus({ preventScroll: true });
  }

  chosen() {
    const words = get("filter-text").value.replaceAll("_", " ").toLowerCase().split(/\s+/).filter(Boolean);
    const host = get("filter-host").value.trim();
    const least = severities.indexOf(get("filter-severity").value);
    const kind = get("filter-class").value;
    const suppressed = get("filter-suppressed").checked;
    const fits = (alert) => (suppressed || !alert.suppressed)
      && severities.indexOf(alert.severity) >= least
      && (!kind || kind === (alert.class ?? "unusual"))
      && (!host || isOf(alert.source, host) || isOf(alert.target, host))
      && (this.incident === null || alert.incident === this.incident)
      && (!words.length || words.every((word) => (alert.searched ??= searched(alert)).includes(word)));
    const all = [...this.store.alerts.values()].reverse().filter(fits);
    return get("order").value === "score" ? all.sort((a, b) => (b.score ?? 0) - (a.score ?? 0)) : all;
  }

  draw() {
    this.kinds();
    const chosen = this.chosen();
    const pages = Math.max(1, Math.ceil(chosen.length / PAGE));
    this.page = Math.min(this.page, pages - 1);
    const shown = chosen.slice(this.page * PAGE, (this.page + 1) * PAGE);
    const rows = new Map(shown.map((alert) => {
      const known = this.rows.get(alert.id);
      return [alert.id, known?.alert === alert ? known : new Row(alert, this)];
    }));
    this.rows = rows;
    place(this.body, [...rows.values()].flatMap((row) => row.elements()));

    const all = [...this.store.alerts.values()];
    const held = all.filter((alert) => alert.suppressed).length;
    const visible = get("filter-suppressed").checked ? all.length : all.length - held;
    get("alert-count").textContent = all.length === 0 ? ""
      : `${chosen.length === visible ? count(visible) : `${count(chosen.length)} of ${count(visible)}`}${held ? `, ${count(held)} suppressed` : ""}`;
    get("alert-table").hidden = shown.length === 0;
    const empty = get("alert-empty");
    empty.hidden = shown.length > 0;
    empty.textContent = visible === 0 ? this.store.waiting : "No alert fits the filters.";
    const turn = (name, next) => {
      const made = button("", name, () => { this.page = next; this.draw(); get("alerts").scrollIntoView(); });
      made.disabled = next < 0 || next >= pages;
      return made;
    };
    const where = `${count(this.page * PAGE + 1)} to ${count(Math.min(chosen.length, (this.page + 1) * PAGE))} of ${count(chosen.length)}`;
    get("alert-pager").replaceChildren(...(pages > 1 ? [turn("Newer", this.page - 1), where, turn("Older", this.page + 1)] : []));
  }

  /* The kinds that there are to choose from. */
  kinds() {
    const select = get("filter-class");
    const kinds = [...new Set([...this.store.alerts.values()].map((alert) => alert.class ?? "unusual"))].sort();
    if (kinds.join("\n") === this.known) return;
    this.known = kinds.join("\n");
    const chosen = select.value;
    const option = (value, text) => { const made = element("option", "", text); made.value = value; return made; };
    select.replaceChildren(option("", "all"), ...kinds.map((kind) => option(kind, clean(spaced(kind)))));
    select.value = kinds.includes(chosen) ? chosen : "";
  }
}

/* Puts children in order and moves none that is in its place, so that what has the focus keeps it. */
const place = (parent, children) => {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, at) => { if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null); });
};

class Row {
  constructor(alert, list) {
    this.alert = alert;
    this.list = list;
    this.detail = null;
    const score = cell("number", "Score", alert.score === null ? "–" : significant(alert.score));
    if (alert.threshold > 0 && alert.score !== null) {
      const times = element("span", "muted", `${significant(Number((alert.score / alert.threshold).toPrecision(2)))}× threshold`);
      times.title = alert.raised_by ? `Raised by ${clean(spaced(alert.raised_by))}` : "";
      score.append(element("br"), times);
    }
    this.toggle = button("fold", "", () => {
      if (!list.open.delete(alert.id)) list.open.add(alert.id);
      this.fold();
      list.draw();
    });
    const event = cell("event", "Between", element("p", "",
      element("span", "address", clean(alert.source)), element("span", "muted", " to "), element("span", "address", clean(alert.target))),
    element("span", "muted", clean(alert.service)));
    if (alert.suppressed) {
      event.append(element("p", "held", "Suppressed by ", clean(alert.suppressed.by), alert.suppressed.reason ? `: ${clean(alert.suppressed.reason)}` : ""));
    }
    if (alert.mark.becomes) event.append(element("p", "held", marked[alert.mark.becomes]));
    this.main = element("tr", alert.suppressed || alert.mark.becomes ? "quiet" : "",
      cell("", "When", moment(alert.raised_ns, list.store.now)),
      cell("", "What", badge(alert.class), " ", severityMark(alert.severity, alert.severity_reason)),
      score, event,
      cell("why", "", reasonList(alert.reasons, 1)),
      cell("more", "", this.toggle));
    this.main.dataset.id = alert.id;
    this.fold();
  }

  elements() {
    return this.detail ? [this.main, this.detail] : [this.main];
  }

  fold() {
    const open = this.list.open.has(this.alert.id);
    this.toggle.textContent = open ? "Less" : "Details";
    this.toggle.ariaLabel = `Details of the alert of ${clean(this.alert.source)}`;
    this.toggle.ariaExpanded = String(open);
    if (open && !this.detail) this.detail = this.details();
    if (!open) this.detail = null;
  }

  details() {
    const { alert, list } = this;
    const code = (text) => element("code", "", clean(text));
    const why = facts([
      alert.severity_reason && ["Severity", `${alert.severity}: ${clean(spaced(alert.severity_reason))}`],
      alert.raised_by && ["Raised by", spaced(alert.raised_by)],
      alert.threshold !== null && ["Threshold", significant(alert.threshold)],
    ]);
    const keys = facts([
      ["Flow", code(alert.uid || "–")],
      alert.community_id && ["Community ID", code(alert.community_id)],
      ["Alert", code(alert.id)],
      alert.incident && ["Incident", button("link", clean(alert.incident), () => list.ofIncident(alert.incident))],
      alert.model && ["Detector", alert.model],
      ["First packet", moment(alert.first_ns, list.store.now)],
      ["Last packet", moment(alert.last_ns, list.store.now)],
    ]);
    const inside = element("td", "details", element("p", "sentence", clean(alert.sentence)), element("div", "columns",
      element("div", "", element("h3", "", "Reasons"), reasonList(alert.reasons), element("h3", "", "Why it matters"), why),
      element("div", "", element("h3", "", "To find it elsewhere"), keys, ...(list.store.takes_marks ? marking(alert) : []))));
    inside.colSpan = 6;
    return element("tr", "unfolded", inside);
  }
}
