/* What is known of the sensor: all of it at first, then what changes. */
export const severities = ["low", "medium", "high", "critical"];

export class Store {
  constructor() {
    this.clear();
  }

  clear() {
    Object.assign(this, {
      limits: null, samples: [], alerts: new Map(), incidents: new Map(), hosts: null, health: null, allowed: null,
      learning: null, drift: null, model: null, sensor: null, has_card: false, takes_marks: false,
    });
  }

  /* Takes a picture in; says which parts of it are new. */
  apply(picture) {
    if (picture.limits) this.clear();
    const latest = ["limits", "hosts", "health", "allowed", "learning", "drift", "model", "sensor", "has_card", "takes_marks"];
    for (const name of latest) if (picture[name] !== undefined) this[name] = picture[name];
    if (picture.samples) {
      this.samples.push(...picture.samples);
      this.samples.splice(0, Math.max(0, this.samples.length - this.limits.samples));
    }
    this.keep(this.alerts, picture.alerts, this.limits.alerts);
    this.keep(this.incidents, picture.incidents, this.limits.incidents);
    return new Set(picture.limits ? ["samples", "alerts", "incidents", ...latest] : Object.keys(picture));
  }

  keep(map, news, most) {
    for (const one of news ?? []) {
      /* What was there keeps its place: only what is new comes last. */
      map.set(one.id, one);
    }
    for (const id of map.keys()) {
      if (map.size <= most) break;
      map.delete(id);
    }
  }

  /* Nanoseconds of packet time, of the last sample. */
  get now() {
    return this.samples.at(-1)?.time_ns;
  }

  get threshold() {
    return this.model?.threshold?.value ?? null;
  }

  /* What a reader who sees nothing wants to know. */
  get waiting() {
    if (!this.limits) return "Connecting to the sensor.";
    const { phase, left_ns: left } = this.learning ?? {};
    const rest = left > 0 ? ` ${spoken(left / 1e9)} left.` : "";
    if (phase === "learning") return `Learning what is usual here, so there are no alerts yet.${rest}`;
    if (phase === "training") return `Making a detector of what was learned.${rest}`;
    if (phase === "starting" || !phase) return "The sensor is getting ready.";
    if (phase === "ended") return "The input has ended. There was no alert.";
    return "No alert so far.";
  }
}

/* `12 minutes`, where the exact second is of no interest. */
export const spoken = (seconds) => {
  const [size, name] = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]].find(([size]) => seconds >= 2 * size) ?? [1, "second"];
  const number = Math.max(1, Math.round(seconds / size));
  return `${number} ${name}${number === 1 ? "" : "s"}`;
};
