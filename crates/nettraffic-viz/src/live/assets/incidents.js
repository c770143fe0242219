/* Alerts that belong together. */
import { reasonList, severityMark } from "./alerts.js";
import { badge, clean, element, significant } from "./rows.js";
import { severities } from "./store.js";
import { button, count, length, moment } from "./words.js";

const fill = (...children) => document.getElementById("incidents").replaceChildren(...children);

let allIncidents = false;

export const incidents = (store, alerts) => {
  /* The most urgent first, and none leaps about as it goes on: neither severity nor score of an incident ever falls. */
  const rank = (incident) => [incident.open ? 1 : 0, severities.indexOf(incident.severity), incident.score ?? 0, incident.first_ns];
  const all = [...store.incidents.values()].map((incident) => [rank(incident), incident])
    .sort(([a], [b]) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2] || b[3] - a[3]).map(([, incident]) => incident);
  if (!all.length) return fill(element("p", "empty", store.alerts.size ? "The alerts so far do not belong together." : "No incident so far."));
  const most = allIncidents ? Infinity : 6;
  const list = all.slice(0, most).map((incident) => {
    const cell = (kind, label, ...children) => {
      const made = element("td", kind, ...children);
      made.dataset.label = label;
      return made;
    };
    const span = (incident.last_ns - incident.first_ns) / 1e9;
    return element("tr", "",
      cell("", "Since", moment(incident.first_ns, store.now), element("br"),
        element("span", "muted", incident.open ? `going on for ${length(span)}` : `lasted ${length(span)}`)),
      cell("", "What", badge(incident.class), " ", severityMark(incident.severity, incident.severity_reason)),
      cell("event", "", element("p", "", clean(incident.sentence))),
      cell("number", "Alerts", button("link", count(incident.alerts), () => alerts.ofIncident(incident.id))),
      cell("number", "Top score", incident.score === null ? "–" : significant(incident.score)),
      cell("why", "", reasonList(incident.reasons, 1)));
  });
  const heads = ["Since (UTC)", "What", "What happened", "Alerts", "Top score", "What stands out"].map((name) => {
    const made = element("th", ["Alerts", "Top score"].includes(name) ? "number" : "", name);
    made.scope = "col";
    return made;
  });
  const more = all.length - most;
  fill(element("div", "scroll", element("table", "cards live",
    element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...list))),
    ...(all.length > 6 ? [element("p", "pager", button("", allIncidents ? "Show the most urgent" : `Show ${count(more)} more`,
      () => { allIncidents = !allIncidents; incidents(store, alerts); }))] : []));
};
