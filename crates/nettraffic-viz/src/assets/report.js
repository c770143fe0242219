"use strict";
(() => {
  /* Everything can be read without this: it only sorts and filters tables. */
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    for (const head of table.querySelectorAll("th[data-sort]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const first = head.classList.contains("number") ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? other : first;
        for (const th of table.tHead.rows[0].cells) th.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const column = head.cellIndex;
        const rows = [...body.rows];
        rows.sort((a, b) => sign * compare(key(a, column), key(b, column)));
        body.append(...rows);
      });
    }
  }

  const input = document.getElementById("filter");
  if (!input) return;
  const rows = [...document.getElementById("alert-table").tBodies[0].rows];
  const output = document.querySelector("output[for=filter]");
  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    output.textContent = words.length ? `${shown} of ${rows.length}` : "";
  };
  input.closest(".filter").hidden = false;
  input.addEventListener("input", filter);
  addEventListener("hashchange", () => {
    const row = document.getElementById(location.hash.slice(1));
    if (row && row.hidden) { input.value = ""; filter(); row.scrollIntoView(); }
  });
})();
