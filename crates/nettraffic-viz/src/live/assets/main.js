/* The live page: listens to the sensor's events and draws what has changed. */
import { Alerts } from "./alerts.js";
import { Scores, Traffic } from "./charts.js";
import { incidents } from "./incidents.js";
import * as panels from "./panels.js";
import { Store } from "./store.js";
import { count } from "./words.js";

const get = (id) => document.getElementById(id);
const store = new Store();
const alerts = new Alerts(store);
const traffic = new Traffic();
const scores = new Scores((id) => alerts.choose(id));
let span = 300;
let paused = false;
let missed = 0;
let heard = performance.now();
let stale = new Set();
let frame = 0;

/* Both charts over the same time: the chosen one, or as long as the sensor has been watching. */
const charts = () => {
  if (store.now === undefined) return;
  const watched = (store.now - store.samples[0].time_ns) / 1e9;
  const shown = Math.min(span, Math.max(60, watched));
  traffic.draw(store, shown);
  scores.draw(store, shown);
};

const draw = () => {
  frame = 0;
  const parts = stale;
  stale = new Set();
  const any = (...names) => names.some((name) => parts.has(name));
  panels.header(store, (performance.now() - heard) / 1e3);
  if (any("samples", "alerts", "model")) charts();
  if (any("samples", "health", "alerts", "incidents")) panels.figures(store);
  if (any("alerts", "learning", "limits", "takes_marks")) alerts.draw();
  if (any("incidents")) incidents(store, alerts);
  if (any("hosts")) panels.hosts(store, alerts);
  if (any("health")) panels.health(store);
  if (any("allowed", "takes_marks")) panels.allowed(store);
  if (any("learning", "drift")) panels.learning(store);
  if (any("model", "sensor", "samples", "health")) panels.model(store);
};

/* Draws what is stale, soon, and not while nobody looks. */
const schedule = (parts) => {
  for (const part of parts) stale.add(part);
  if (!paused && !frame) frame = requestAnimationFrame(draw);
};

/* The connection: tries again, more and more rarely, and then begins with everything. */
const longest = 15;
let wait = 1;
const banner = (text) => {
  get("banner").hidden = text === "";
  if (get("banner").textContent !== text) get("banner").textContent = text;
};

const connect = () => {
  const events = new EventSource("/events");
  const take = (event) => {
    const picture = JSON.parse(event.data);
    wait = 1;
    banner("");
    if (picture.samples || picture.limits) heard = performance.now();
    if (paused) {
      missed += picture.limits ? 0 : (picture.alerts ?? []).length;
      get("pause").textContent = missed ? `Go on (${count(missed)} new alerts)` : "Go on";
    }
    /* Marks may be taken or not with any picture; only a change of it is news. */
    const marks = store.takes_marks;
    const parts = store.apply(picture);
    if (store.takes_marks === marks) parts.delete("takes_marks");
    schedule(parts);
  };
  events.addEventListener("state", take);
  events.addEventListener("change", take);
  events.addEventListener("error", () => {
    events.close();
    banner("Connection lost, trying again. What you see is what was last heard.");
    setTimeout(connect, 1e3 * wait * (0.75 + Math.random() / 2));
    wait = Math.min(longest, 2 * wait);
  });
};

const choices = (id, choose) => get(id).addEventListener("click", (event) => {
  const chosen = event.target.closest("button");
  if (!chosen) return;
  for (const other of get(id).querySelectorAll("button")) other.ariaPressed = String(other === chosen);
  choose(chosen.dataset.value);
  charts();
});
choices("measure", (value) => { traffic.measure = value; });
choices("span", (value) => { span = Number(value); });

get("pause").addEventListener("click", () => {
  paused = !paused;
  missed = 0;
  get("pause").ariaPressed = String(paused);
  get("pause").textContent = paused ? "Go on" : "Pause";
  if (!paused) schedule([]);
});

/* Silence is to be seen, too. */
setInterval(() => { if (!paused) panels.header(store, (performance.now() - heard) / 1e3); }, 1e3);
schedule(["alerts", "incidents", "hosts", "health", "allowed", "learning", "model", "samples"]);
connect();
