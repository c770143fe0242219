/* Two charts over the same time: how much traffic there was, and how strange it was. */
import { percent, significant } from "./rows.js";
import { bits, clock, count, local } from "./words.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const HEIGHT = 190;
/* Width of the numbers beside a chart, so that both begin at the same place. */
const GUTTER = 74;

export const measures = {
  bits: { of: (sample) => 8 * sample.bytes, name: "bits per second", tell: (value) => `${bits(value)}/s` },
  packets: { of: (sample) => sample.packets, name: "packets per second", tell: (value) => `${significant(value)} packets/s` },
  flows: { of: (sample) => sample.flows, name: "new flows per second", tell: (value) => `${significant(value)} flows/s` },
  alerts: { of: (sample) => sample.alerts, name: "alerts per second", tell: (value) => `${significant(value)} alerts/s` },
};

export const rate = (sample, measure) => measures[measure].of(sample) * 1e9 / Math.max(1, sample.length_ns);

/* Seconds between two times that are named. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

const axes = (values) => {
  const lines = { stroke: () => colour("--line"), width: 1 };
  const axis = { stroke: () => colour("--muted"), font: FONT, grid: lines, ticks: { show: false } };
  const times = (chart, splits) => splits.map((at) => {
    const text = clock(at * 1e9);
    return splits.every((other) => other % 60 === 0) ? text.slice(0, 5) : text;
  });
  return [
    { ...axis, values: times, space: 78, size: 30, grid: { show: false }, incrs: STEPS },
    { ...axis, size: GUTTER, space: 36, ...values },
  ];
};

/* A chart that fills its element and says where the pointer is. */
const chart = (id, series, scales, values, more) => {
  const place = document.getElementById(id);
  const made = new uPlot({
    width: place.clientWidth || 600,
    height: HEIGHT,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), "UTC"),
    cursor: { sync: { key: "time" }, drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: { x: { time: true, range: (_, from, to) => [from, to] }, ...scales },
    axes: axes(values),
    series: [{}, ...series],
    ...more,
  }, series.reduce((data) => [...data, []], [[]]), place);
  new ResizeObserver(() => made.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => made.redraw(false, true));
  return made;
};

export class Traffic {
  constructor() {
    this.measure = "bits";
    this.readout = document.getElementById("traffic-readout");
    const tell = (value) => measures[this.measure].tell(value);
    this.chart = chart("traffic-chart",
      [{ stroke: () => colour("--accent"), fill: () => colour("--accent-soft"), width: 1.5, points: { show: false } }],
      { y: { range: (_, low, high) => [0, Math.max(high * 1.08, 1)] } },
      { values: (_, splits) => splits.map((value) => tell(value).replace(/ (packets|flows|alerts)/, "")) },
      { hooks: { setCursor: [(made) => this.point(made)] } });
  }

  draw(store, span) {
    const last = store.now / 1e9;
    const [xs, ys] = [[], []];
    let before = null;
    for (const sample of store.samples) {
      const at = sample.time_ns / 1e9;
      if (at < last - span) continue;
      const width = sample.length_ns / 1e9;
      /* A time without samples is a hole, not a line across. */
      if (before !== null && at - before > 2.5 * width + 0.5) { xs.push(before + 0.001); ys.push(null); }
      xs.push(at);
      ys.push(rate(sample, this.measure));
      before = at;
    }
    this.chart.batch(() => {
      this.chart.setData([xs, ys], false);
      this.chart.setScale("x", { min: last - span, max: last });
    });
    const { name, tell } = measures[this.measure];
    const rates = ys.filter((value) => value !== null);
    this.rest = rates.length ? `now ${tell(rates.at(-1))}, highest ${tell(Math.max(...rates))}` : "no packet so far";
    this.chart.root.parentElement.ariaLabel = `Traffic, ${name}: ${this.rest}`;
    this.point(this.chart);
  }

  point(made) {
    const at = made.cursor.idx;
    const value = at === null || at === undefined || made.cursor.left < 0 ? null : made.data[1][at];
    this.readout.textContent = value === null || value === undefined ? this.rest ?? ""
      : `${when(made.data[0][at])}: ${measures[this.measure].tell(value)}`;
  }
}

const when = (seconds) => `${clock(seconds * 1e9)} UTC (${local(seconds * 1e9)} here)`;

export class Scores {
  constructor(choose) {
    this.unit = 1;
    this.marks = [];
    this.readout = document.getElementById("scores-readout");
    const dots = (name, size) => ({
      paths: () => null,
      points: { show: true, size, width: 0, fill: () => colour(name), stroke: () => colour(name) },
    });
    const room = (_, low, high) => {
      const line = this.threshold === null ? 0 : this.place(this.threshold);
      return [Math.min(0, low ?? 0), Math.max(high ?? 0, line, 0.5) * 1.12];
    };
    this.chart = chart("scores-chart", [dots("--quiet", 4), dots("--loud", 8)],
      { y: { range: room } },
      { splits: (made, _, low, high) => this.splits(made, low, high), values: (_, splits) => splits.map((at) => significant(this.value(at))) },
      { hooks: { draw: [(made) => this.line(made)], setCursor: [(made) => this.point(made)] } });
    this.threshold = null;
    this.chart.over.addEventListener("click", () => {
      const mark = this.nearest(this.chart);
      if (mark?.id !== undefined) choose(mark.id);
    });
  }

  /* Linear up to the threshold, logarithmic far above it: both a near miss and a hundredfold are to be seen. */
  place(score) { return Math.asinh(score / this.unit); }
  value(place) { return Math.sinh(place) * this.unit; }

  /* Round scores, as many as there is room for: powers of ten first, then fives, then twos. */
  splits(made, low, high) {
    const apart = 24 * (high - low) / Math.max(1, made.bbox.height / devicePixelRatio);
    const chosen = [0];
    for (const digit of [1, 5, 2]) {
      for (let power = 12; power >= -3; power -= 1) {
        for (const sign of [1, -1]) {
          const at = this.place(sign * digit * 10 ** power);
          if (at >= low && at <= high && chosen.every((other) => Math.abs(at - other) >= apart)) chosen.push(at);
        }
      }
    }
    return chosen.sort((a, b) => a - b);
  }

  draw(store, span) {
    const last = store.now / 1e9;
    this.threshold = store.threshold;
    this.unit = this.threshold > 0 ? this.threshold : 1;
    const from = last - span;
    const alerts = [...store.alerts.values()].filter((alert) => !alert.suppressed && alert.score !== null);
    const oldest = alerts.length ? alerts[0].raised_ns : Infinity;
    const dots = [];
    for (const sample of store.samples) {
      if (sample.time_ns / 1e9 < from) continue;
      for (const [time, score, loud] of sample.scores) {
        /* An alert that is kept is drawn for itself, with its name. */
        if (!loud || time < oldest) dots.push({ at: time / 1e9, score, loud: loud === 1 });
      }
    }
    this.marks = alerts.map((alert) => ({ at: alert.raised_ns / 1e9, score: alert.score, loud: true, id: alert.id, alert }));
    this.marks = this.marks.filter((mark) => mark.at >= from);
    dots.push(...this.marks);
    dots.sort((a, b) => a.at - b.at);
    const part = (loud) => dots.map((dot) => dot.loud === loud ? this.place(dot.score) : null);
    this.chart.batch(() => {
      this.chart.setData([dots.map((dot) => dot.at), part(false), part(true)], false);
      this.chart.setScale("x", { min: from, max: last });
    });
    const judged = store.samples.filter((sample) => sample.time_ns / 1e9 >= from).reduce((sum, sample) => sum + sample.judged, 0);
    const kept = dots.length - this.marks.length;
    this.rest = judged === 0 ? "no flow was judged so far"
      : `${count(judged)} flows judged, ${count(this.marks.length)} alerts${kept < judged ? `; ${percent(kept / judged)} of the flows are drawn, the highest always` : ""}`;
    this.chart.root.parentElement.ariaLabel = `Scores: ${this.rest}`;
    this.point(this.chart);
  }

  line(made) {
    if (this.threshold === null) return;
    const { ctx, bbox } = made;
    const y = made.valToPos(this.place(this.threshold), "y", true);
    ctx.save();
    ctx.strokeStyle = colour("--ink");
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }

  /* The alert within reach of the pointer. */
  nearest(made) {
    const { left, top } = made.cursor;
    if (!(left >= 0)) return null;
    let [best, distance] = [null, 14];
    for (const mark of this.marks) {
      const apart = Math.hypot(made.valToPos(mark.at, "x") - left, made.valToPos(this.place(mark.score), "y") - top);
      if (apart < distance) [best, distance] = [mark, apart];
    }
    return best;
  }

  point(made) {
    const mark = this.nearest(made);
    made.over.classList.toggle("choosable", mark !== null);
    this.readout.textContent = mark === null ? this.rest ?? ""
      : `${when(mark.at)}: ${mark.alert.source} to ${mark.alert.target}, score ${significant(mark.score)}`;
  }
}
