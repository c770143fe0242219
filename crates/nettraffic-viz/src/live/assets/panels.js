/* Everything beside charts and alerts. */
import { clean, element, percent, significant } from "./rows.js";
import { rate } from "./charts.js";
import { takeBack } from "./marking.js";
import { spoken } from "./store.js";
import { bits, button, bytes, count, counted, facts, length, moment } from "./words.js";

const get = (id) => document.getElementById(id);
const fill = (id, ...children) => get(id).replaceChildren(...children);
const empty = (text) => element("p", "empty", text);
const told = (list) => (list ?? []).map((fact) => [fact.name, fact.value]);

const table = (heads, rows, kind = "dense") => {
  const cells = (row, name) => row.map((value, at) => {
    const made = element(at === 0 && name === "td" ? "th" : name, heads[at].number ? "number" : "", ...[value].flat());
    if (name === "th") made.scope = "col"; else if (at === 0) made.scope = "row";
    return made;
  });
  const body = rows.map((row) => element("tr", "", ...cells(row, "td")));
  const head = element("thead", "", element("tr", "", ...cells(heads.map((head) => head.name), "th")));
  return element("div", "scroll", element("table", kind, head, element("tbody", "", ...body)));
};
const left = (name) => ({ name });
const right = (name) => ({ name, number: true });

const bar = (share, label) => {
  const inside = element("i");
  inside.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
  const made = element("span", share > 0.8 ? "bar loud" : "bar", inside);
  made.role = "img";
  made.ariaLabel = label;
  return made;
};

const lost = (health) => (health.kernel_drops ?? 0) + (health.interface_drops ?? 0) + health.queue_drops;

export const figures = (store) => {
  const last = store.samples.at(-1);
  const { health } = store;
  const alerts = [...store.alerts.values()];
  const shown = (name, value, note = "", kind = "") => element("div", "figure", element("dt", "", name),
    element("dd", kind, value), ...(note ? [element("dd", "note", note)] : []));
  const of = (measure, tell) => last ? tell(rate(last, measure)) : "–";
  const written = health ? health.alerts_written : alerts.filter((alert) => !alert.suppressed).length;
  const held = health ? health.alerts_suppressed : alerts.filter((alert) => alert.suppressed).length;
  const open = [...store.incidents.values()].filter((incident) => incident.open).length;
  const drops = health ? lost(health) : 0;
  const offered = health ? health.received + (health.kernel_drops ?? 0) + (health.interface_drops ?? 0) : 0;
  fill("figures",
    shown("Traffic", of("bits", (value) => `${bits(value)}/s`)),
    shown("Packets", of("packets", (value) => `${significant(value)}/s`)),
    shown("New flows", of("flows", (value) => `${significant(value)}/s`)),
    shown("Open flows", health ? count(health.open_flows) : "–", health?.flow_limit ? `room for ${count(health.flow_limit)}` : ""),
    shown("Alerts", count(written), held ? `${count(held)} more suppressed` : ""),
    shown("Incidents", count(store.incidents.size), store.incidents.size ? `${count(open)} going on` : ""),
    shown("Packets lost", health ? count(drops) : "–", drops ? `${percent(drops / Math.max(1, offered))} of all` : "", drops ? "alarming" : ""));
};

export const hosts = (store, alerts) => {
  if (!store.hosts?.length) return fill("hosts", empty("No host was seen so far."));
  const rows = store.hosts.slice(0, 15).map((host) => [
    button("link address", clean(host.address), () => alerts.ofHost(host.address)),
    count(host.flows), `${count(host.peers)}${host.many_peers ? "+" : ""}`, bytes(host.bytes_sent), bytes(host.bytes_received),
    host.alerts ? element("span", "alarming", count(host.alerts)) : "–",
  ]);
  fill("hosts", table([left("Address"), right("Flows"), right("Peers"), right("Sent"), right("Received"), right("Alerts")], rows));
};

export const health = (store) => {
  const { health } = store;
  if (!health) return fill("health", empty("Nothing is known of it so far."));
  /* A replay has neither a kernel nor an interface that could drop. */
  const places = health.kernel_drops === null && health.interface_drops === null ? []
    : [["Dropped by the kernel", health.kernel_drops], ["Dropped by the interface", health.interface_drops]];
  const drop = (packets) => packets === null ? "not known" : packets === 0 ? "none" : element("span", "alarming", count(packets));
  const parts = [];
  parts.push(health.problems.length
    ? element("div", "warning", element("ul", "", ...health.problems.map((problem) => element("li", "", clean(problem)))))
    : element("p", "sound", "All is well."));
  parts.push(facts([
    ["Packets received", count(health.received)],
    ["Decoded", count(health.decoded)],
    ...health.skipped.filter((skipped) => skipped.packets).map((skipped) => [`Skipped: ${skipped.reason}`, count(skipped.packets)]),
    ...places.map(([name, packets]) => [name, drop(packets)]),
    ["Dropped at the queue", drop(health.queue_drops)],
    ["Flows ended early for want of room", health.evicted_flows ? count(health.evicted_flows) : "none"],
    ["Alerts raised", `${count(health.alerts_raised)} = ${count(health.alerts_written)} written + ${count(health.alerts_suppressed)} suppressed`],
  ]));
  const queues = health.queues.map((queue) => [clean(queue.name), [`${count(queue.depth)} of ${count(queue.capacity)}`,
    bar(queue.depth / Math.max(1, queue.capacity), "how full")], drop(queue.dropped)]);
  if (health.flow_limit) {
    queues.push(["flow table", [`${count(health.open_flows)} of ${count(health.flow_limit)}`, bar(health.open_flows / health.flow_limit, "how full")], "–"]);
  }
  if (queues.length) parts.push(table([left("Room"), left("Used"), right("Dropped")], queues, "dense rooms"));
  if (health.sinks.length) {
    parts.push(table([left("Output"), right("Written"), right("Failed"), right("Given up")], health.sinks.map((sink) => [
      sink.error === null ? clean(sink.name) : [clean(sink.name), element("span", "members alarming", clean(sink.error))],
      count(sink.written), count(sink.failed), drop(sink.dropped)])));
  }
  if (health.gaps.length) {
    const newest = health.gaps.slice(-5).reverse();
    parts.push(element("h3", "", "Gaps"), element("ul", "gaps", ...newest.map((gap) => element("li", "",
      moment(gap.from_ns, store.now), ` ${clean(gap.source)}: ${clean(gap.reason)}, `,
      gap.to_ns === null ? element("span", "alarming", "not over yet") : `for ${length((gap.to_ns - gap.from_ns) / 1e9)}`))));
  }
  fill("health", ...parts);
};

/* What is allowed: what was of use last comes first. */
export const allowed = (store) => {
  const all = store.allowed ?? [];
  get("allowed-title").parentElement.hidden = !all.length;
  if (!all.length) return;
  const answer = element("output", "muted");
  const rows = all.map((entry) => [
    [clean(entry.name), element("span", "members", clean(entry.reason)), element("span", "members", clean(entry.criteria)),
      ...(entry.alert && store.takes_marks ? [element("span", "members", takeBack(entry.alert, answer))] : [])],
    entry.hits ? count(entry.hits) : "–",
    entry.last_ns === null ? "never" : moment(entry.last_ns, store.now),
    entry.expires_ns === null ? "stays"
      : entry.has_expired ? element("span", entry.after_expiry ? "alarming" : "", entry.after_expiry ? `expired, ${counted(entry.after_expiry, "alert", "alerts")} since` : "expired")
        : `until ${new Date(entry.expires_ns / 1e6).toISOString().slice(0, 10)}`,
  ]);
  fill("allowed", table([left("Entry"), right("Alerts"), right("Last"), left("Ends")], rows), answer);
};

const phases = {
  starting: "The sensor is getting ready.", learning: "Learning what is usual here.",
  training: "Making a detector of what was learned.", detecting: "Judging traffic with what was learned.", ended: "The input has ended.",
};

export const learning = (store) => {
  const { learning, drift } = store;
  const parts = [element("p", "", learning ? phases[learning.phase] : "Nothing is known of it so far.")];
  if (learning && learning.progress !== null) {
    const made = element("progress");
    made.value = learning.progress;
    made.ariaLabel = "Progress";
    const rest = learning.left_ns > 0 ? `, ${spoken(learning.left_ns / 1e9)} left` : "";
    parts.push(element("p", "progress", made, element("span", "muted", `${percent(learning.progress)}${rest}`)));
  }
  if (learning?.facts.length) parts.push(facts(told(learning.facts)));
  parts.push(element("h3", "", "Drift"));
  if (!drift) parts.push(empty("It was not compared with what was learned so far."));
  else {
    parts.push(element("p", drift.has_drifted ? "warning" : "sound", drift.has_drifted
      ? "The traffic is no longer what was learned; a successor should be trained." : "The traffic is as it was learned."));
    if (drift.facts.length) parts.push(facts(told(drift.facts)));
    const moved = drift.features.slice(0, 6).map((feature) => [[clean(feature.words ?? feature.name.replaceAll("_", " ")),
      element("span", "members", clean(feature.values), " ", percent(feature.shares[0]), " → ", percent(feature.shares[1]))],
      significant(feature.index), clean(feature.level)]);
    if (moved.length) parts.push(table([left("What moved"), right("Index"), left("How far")], moved));
  }
  fill("learning", ...parts);
};

export const model = (store) => {
  const { model, sensor } = store;
  const parts = [];
  if (model) {
    const { threshold } = model;
    parts.push(facts([
      ["Detector", model.name],
      threshold && ["Threshold", `${significant(threshold.value)}, ${threshold.meaning}`],
      threshold && threshold.alerts_per_day !== null && ["Alerts a day to expect of benign traffic", significant(threshold.alerts_per_day)],
      ...told(model.facts)]));
  } else parts.push(empty("There is no detector yet."));
  if (store.has_card) {
    const link = element("a", "", "The detector’s card");
    link.href = "/card";
    parts.push(element("p", "note", link, ": what it learned from, what it looks at, how it fared."));
  }
  if (sensor) {
    const watched = store.now === undefined ? -1 : (store.now - sensor.started_ns) / 1e9;
    parts.push(element("h3", "", "Sensor"), facts([
      ["Version", sensor.version], ["Source", sensor.source], ["First packet", sensor.started_ns ? moment(sensor.started_ns, store.now) : "none so far"],
      sensor.started_ns && watched >= 0 && ["Packet time since", length(watched)],
      store.health?.uptime_ns > 0 && ["At work for", length(store.health.uptime_ns / 1e9)], ...told(sensor.facts)]));
  }
  fill("model", ...parts);
};

export const header = (store, silence) => {
  const { sensor, learning } = store;
  get("sensor-name").textContent = clean(sensor?.name || "Sensor");
  get("sensor-source").textContent = sensor ? clean(sensor.source) : "";
  document.title = `${clean(sensor?.name || "sensor")} · nettraffic live`;
  const names = { starting: "Getting ready", learning: "Learning", training: "Training", detecting: "Detecting", ended: "Ended" };
  const phase = learning?.phase ?? "starting";
  const rest = phase === "learning" && learning.left_ns > 0 ? `, ${spoken(learning.left_ns / 1e9)} left` : "";
  const silent = silence > 10 && phase !== "ended";
  const pill = get("phase");
  const text = silent ? `Nothing heard for ${spoken(silence)}` : store.health?.problems.length ? `${names[phase]}, with problems` : `${names[phase]}${rest}`;
  /* What is the same is not said again to those who listen. */
  if (pill.textContent !== text) pill.textContent = text;
  pill.className = `pill ${silent || store.health?.problems.length ? "loud" : phase}`;
  const line = store.model?.threshold;
  get("threshold-words").parentElement.hidden = !line;
  get("threshold-words").textContent = line ? `threshold ${significant(line.value)}` : "";
};
