/* Everything can be read without this: it sorts, folds and filters tables. */
const collator = new Intl.Collator("en", { numeric: true });
const compare = (a, b) => typeof a === "number" && typeof b === "number"
  ? a - b : collator.compare(String(a), String(b));

/* Makes a head sort: tells order (1 or -1) to `sort` at each press. */
const sortable = (head, sort) => {
  /* No button: browsers leave those out where a head is printed again on the next page. */
  const button = document.createElement("span");
  button.className = "sort";
  button.role = "button";
  button.tabIndex = 0;
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    button.click();
  });
  button.addEventListener("click", () => {
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const th of head.parentElement.cells) th.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    sort(order === "ascending" ? 1 : -1);
  });
};

const pager = (table) => {
  const bar = document.createElement("p");
  bar.className = "pager";
  table.closest(".scroll").after(bar);
  return bar;
};

const pressable = (text, action) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", action);
  return button;
};

for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const limit = Number(table.dataset.fold || Infinity);
  let folded = body.rows.length > limit + 2;
  const fold = () => {
    [...body.rows].forEach((row, place) => row.classList.toggle("folded", folded && place >= limit));
  };
  if (folded) {
    const bar = pager(table);
    const name = () => folded ? `Show all ${body.rows.length}` : `Show the first ${limit}`;
    const button = pressable(name(), () => { folded = !folded; button.textContent = name(); fold(); });
    bar.append(button);
    fold();
  }
  for (const head of table.querySelectorAll("th[data-sort]")) {
    const key = (row) => {
      const cell = row.cells[head.cellIndex];
      return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
    };
    sortable(head, (sign) => {
      body.append(...[...body.rows].sort((a, b) => sign * compare(key(a), key(b))));
      fold();
    });
  }
}
