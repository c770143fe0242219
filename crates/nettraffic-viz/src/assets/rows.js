/* Rows of alerts from the data of the report: what the page's first rows are, made once more. */
const hidden = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const clean = (text) => {
  const shown = [...String(text).replace(/[\n\t]/g, " ").replace(hidden, "\ufffd")];
  return shown.length > 300 ? shown.slice(0, 299).join("") + "…" : shown.join("");
};
const spaced = (text) => text.replaceAll("_", " ");
const significant = (value) => {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-4 || size >= 1e7) {
    const [digits, power] = value.toExponential(2).split("e");
    const raised = String(Number(power)).replace(/[-0-9]/g, (c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);
    return `${Number(digits)}×10${raised}`;
  }
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 12 });
};
const percent = (share) => {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value > 99.9 && value < 100) return "> 99.9 %";
  const digits = (value > 0 && value < 9.95) || (value > 99 && value < 100) ? 1 : 0;
  return `${value.toFixed(digits)} %`;
};
const element = (name, kind, ...children) => {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.append(...children);
  return made;
};
const cell = (kind, label, ...children) => {
  const made = element("td", kind, ...children);
  made.dataset.label = label;
  return made;
};

const drawing = (value, usual) => {
  const made = element("span", "range");
  if (value === null || !usual) return made;
  const [low, high] = usual;
  const unit = ([high, low, value].map(Math.abs).find((size) => size > 0) ?? 1) / 4;
  const at = (number) => Math.asinh(number / unit);
  const [begin, end] = [at(Math.min(low, value, 0)), at(Math.max(high, value))];
  const place = (number) => Math.round(4 + 92 * (at(number) - begin) / (end - begin));
  const [left, right, dot] = [low, high, value].map(place);
  if (![left, right, dot].every(Number.isFinite)) return made;
  made.classList.add("ruled");
  made.classList.toggle("calm", low <= value && value <= high);
  made.ariaHidden = "true";
  const [band, mark] = [element("i"), element("b")];
  band.style.left = `${left}%`;
  band.style.width = `${Math.max(right - left, 3)}%`;
  mark.style.left = `${dot}%`;
  made.append(band, mark);
  return made;
};

const reasonItem = (report, [place, observed, value, share]) => {
  const kind = report.reasons[place];
  const [seen, name] = [element("b", "", clean(observed)), clean(kind.words)];
  const text = element("span", "reason", ...(kind.unit === "flag" ? [`${name}: `, seen] : [seen, ` ${name}`]));
  if (kind.expected) text.append(" ", element("span", "muted", "usual ", clean(kind.expected)));
  return element("li", "", drawing(value, kind.usual), text, element("span", "share", percent(share)));
};

const badge = (kind) => kind === null
  ? element("span", "badge", "unusual") : element("span", "badge known", clean(spaced(kind)));

const moment = (report, iso) => {
  const made = element("time", "");
  made.dateTime = iso;
  if (report.from.slice(0, 10) !== report.to.slice(0, 10)) {
    made.append(element("span", "muted", iso.slice(0, 10)), " ");
  }
  made.append(iso.slice(11, 19));
  return made;
};

const alertRow = (report, alert, place, labelled) => {
  const row = element("tr");
  row.id = `alert-${place + 1}`;
  const score = cell("number", "Score", alert.score === null ? "–" : significant(alert.score));
  const line = report.threshold?.value;
  if (line > 0 && alert.score !== null) {
    const factor = alert.score / line;
    const times = factor < 9.95 ? factor.toFixed(1) : significant(Math.round(factor));
    score.append(element("br"), element("span", "muted", `${times}× threshold`));
  }
  const reasons = element("ul", "reasons", ...alert.reasons.slice(0, 3).map((given) => reasonItem(report, given)));
  row.append(
    cell("", "What", badge(alert.kind)), score,
    cell("event", "", element("p", "", clean(alert.sentence)), element("span", "muted", clean(alert.service))),
    cell("", "When", moment(report, alert.first)));
  if (labelled) row.append(cell("", "Label", clean(spaced(alert.label ?? "–"))));
  row.append(cell("why", "", reasons));
  return row;
};
