"use strict";
(() => {
  const byID = (id) => document.getElementById(id);
  const { rows } = JSON.parse(byID("data").textContent);
  const table = byID("table"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const search = byID("search"), filter = byID("filter"), size = byID("size"), count = byID("count");
  const pages = byID("pages"), label = byID("page");
  const buttons = { first: byID("first"), previous: byID("previous"), next: byID("next"), last: byID("last") };
  const findings = 6;
  const moods = { ok: "good", none: "good", fails: "error", error: "error", warning: "warning", note: "note", "not asked": "warning" };
  const order = ["error", "fails", "warning", "not asked", "not tried", "note", "none", "ok"];
  const words = rows.map((row) => row.join(" ").toLowerCase());
  const collator = new Intl.Collator("en", { numeric: true });
  let found = rows.map((_, i) => i), page = 0, printing = false;
  const sorted = { column: -1, down: false };

  const element = (name, text, mood) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (mood) made.className = mood;
    return made;
  };

  const line = (row) => {
    const tr = document.createElement("tr");
    heads.forEach((_, i) => {
      const cell = document.createElement(i ? "td" : "th");
      const mood = i > 2 && Object.hasOwn(moods, row[i]) ? moods[row[i]] : "";
      cell.append(mood ? element("span", row[i], "badge " + mood) : row[i]);
      if (i === 0) {
        cell.scope = "row";
        const note = row[heads.length];
        if (note) cell.append(element("span", note, "small"));
      }
      tr.append(cell);
    });
    return tr;
  };

  const draw = () => {
    const rowsOfPage = printing ? 1000 : Number(size.value);
    const last = Math.max(0, Math.ceil(found.length / rowsOfPage) - 1);
    page = Math.min(page, last);
    const from = page * rowsOfPage, shown = found.slice(from, from + rowsOfPage);
    body.replaceChildren(...shown.map((i) => line(rows[i])));
    const clusters = found.length === 1 ? "1 cluster" : found.length + " clusters";
    count.textContent = shown.length === 0 ? "no cluster matches"
      : shown.length === found.length ? clusters : clusters + "; rows " + (from + 1) + " to " + (from + shown.length);
    label.textContent = "page " + (page + 1) + " of " + (last + 1);
    pages.hidden = last === 0;
    buttons.first.disabled = buttons.previous.disabled = page === 0;
    buttons.next.disabled = buttons.last.disabled = page === last;
  };

  const choose = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = [];
    rows.forEach((row, i) => {
      if ((!filter.value || row[findings] === filter.value) && wanted.every((word) => words[i].includes(word))) found.push(i);
    });
    const { column, down } = sorted;
    if (column >= 0) {
      const rank = (text) => (column > 2 ? order.indexOf(text) : -1);
      found.sort((a, b) => {
        const x = rows[a][column], y = rows[b][column];
        return (down ? -1 : 1) * (rank(x) - rank(y) || collator.compare(x, y)) || a - b;
      });
    }
    page = 0;
    draw();
  };

  heads.forEach((head, i) => {
    const button = element("button", head.firstChild.textContent);
    button.type = "button";
    head.firstChild.replaceWith(button);
    head.classList.add("sorts");
    button.addEventListener("click", () => {
      sorted.down = sorted.column === i && !sorted.down;
      sorted.column = i;
      heads.forEach((other, j) => j === i ? other.setAttribute("aria-sort", sorted.down ? "descending" : "ascending") : other.removeAttribute("aria-sort"));
      choose();
    });
  });
  const turn = (to) => { page = to; draw(); };
  buttons.first.addEventListener("click", () => turn(0));
  buttons.previous.addEventListener("click", () => turn(page - 1));
  buttons.next.addEventListener("click", () => turn(page + 1));
  buttons.last.addEventListener("click", () => turn(found.length));
  search.addEventListener("input", choose);
  filter.addEventListener("change", choose);
  size.addEventListener("change", () => turn(0));
  byID("controls").addEventListener("submit", (event) => event.preventDefault());
  byID("controls").hidden = false;
  addEventListener("beforeprint", () => { printing = true; draw(); });
  addEventListener("afterprint", () => { printing = false; draw(); });
  draw();
})();
