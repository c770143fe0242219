/* Pages through all alerts of the data, sorted and filtered. */
(() => {
  const table = document.getElementById("alert-table");
  if (!table) return;
  const input = document.getElementById("filter");
  const output = document.querySelector("output[for=filter]");
  const size = Number(table.dataset.page);
  const bar = pager(table);
  let report = null, order = [], shown = [], page = 0, texts = [];
  /* The data is read when it is first asked for: opening the page needs none of it. */
  const load = () => {
    if (report) return;
    report = JSON.parse(document.getElementById("report-data").textContent);
    order = report.alerts.map((_, place) => place);
    shown = order;
  };
  const total = Number(table.dataset.total);
  const draw = () => {
    const labelled = report.alerts.some((alert) => alert.label !== undefined);
    const places = shown.slice(page * size, (page + 1) * size);
    table.tBodies[0].replaceChildren(...places.map((place) => alertRow(report, report.alerts[place], place, labelled)));
    control();
  };
  const control = () => {
    const count = report ? shown.length : total;
    const pages = Math.max(1, Math.ceil(count / size));
    if (pages === 1) { bar.replaceChildren(); return; }
    const go = (name, next) => {
      const button = pressable(name, () => { load(); page = next; draw(); table.closest("section").scrollIntoView(); });
      button.disabled = next < 0 || next >= pages;
      return button;
    };
    const where = `Alerts ${(page * size + 1).toLocaleString("en")} to ${Math.min((page + 1) * size, count).toLocaleString("en")} of ${count.toLocaleString("en")}`;
    bar.replaceChildren(go("Previous", page - 1), where, go("Next", page + 1));
  };
  const text = (place) => {
    const alert = report.alerts[place];
    const words = alert.reasons.map(([kind]) => report.reasons[kind].words);
    return texts[place] ??= [alert.kind ?? "unusual", alert.label ?? "", alert.service, alert.sentence, ...words]
      .join(" ").replaceAll("_", " ").toLowerCase();
  };
  const filter = () => {
    load();
    const words = input.value.replaceAll("_", " ").toLowerCase().split(/\s+/).filter(Boolean);
    shown = words.length ? order.filter((place) => words.every((word) => text(place).includes(word))) : order;
    page = 0;
    output.textContent = words.length ? `${shown.length.toLocaleString("en")} of ${order.length.toLocaleString("en")}` : "";
    draw();
  };

  for (const head of table.querySelectorAll("th[data-key]")) {
    const name = head.dataset.key;
    const key = (place) => report.alerts[place][name] ?? (name === "score" ? -Infinity : "");
    sortable(head, (sign) => {
      load();
      order = [...order].sort((a, b) => sign * compare(key(a), key(b)) || a - b);
      filter();
    });
  }
  input.closest(".filter").hidden = false;
  input.addEventListener("input", filter);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-filter]");
    if (!link) return;
    input.value = link.dataset.filter;
    filter();
  });
  /* A dot of the timeline leads to its row, on whatever page that is. */
  addEventListener("hashchange", () => {
    const found = /^#alert-(\d+)$/.exec(location.hash);
    if (!found || document.getElementById(location.hash.slice(1))) return;
    load();
    input.value = "";
    filter();
    page = Math.floor(Math.max(0, shown.indexOf(found[1] - 1)) / size);
    draw();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });
  control();
})();
