"use strict";
const all = (selector) => [...document.querySelectorAll(selector)];
const rules = all("tr.rule");
const text = document.getElementById("text");
const family = document.getElementById("family");
const level = document.getElementById("level");
const columns = all("input[data-column]");
const chips = all("button[data-status]");
const cells = (row) => [...row.children].slice(1);

function open(row, wanted) {
  const button = row.querySelector("button");
  const more = row.nextElementSibling;
  const show = wanted ?? more.hidden;
  more.hidden = !show;
  button.setAttribute("aria-expanded", String(show));
}

function filter() {
  const statuses = chips.filter((it) => it.getAttribute("aria-pressed") === "true").map((it) => it.dataset.status);
  const shownColumns = columns.map((it) => it.checked);
  all(".matrix thead tr, tr.rule").forEach((row) => cells(row).forEach((cell, at) => { cell.hidden = !shownColumns[at]; }));
  const wanted = text.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rules) {
    const has = (status) => cells(row).some((cell, at) => shownColumns[at] && cell.classList.contains(status));
    const fits = row.id.toLowerCase().includes(wanted)
      && (!family.value || row.dataset.family === family.value)
      && (!level.value || row.dataset.level === level.value)
      && (!statuses.length || statuses.some(has));
    row.hidden = !fits;
    if (!fits) open(row, false);
    shown += fits;
  }
  all(".matrix tbody").forEach((body) => { body.hidden = !body.querySelector("tr.rule:not([hidden])"); });
  document.getElementById("shown").textContent = shown === rules.length ? "" : `${shown} of ${rules.length} rules`;
}

document.querySelector(".matrix").addEventListener("click", (event) => {
  const row = event.target.closest("tr.rule");
  if (row && event.target.closest("button, td")) open(row);
});
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
chips.forEach((chip) => chip.addEventListener("click", () => {
  chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
  filter();
}));
[text, family, level, ...columns].forEach((it) => it.addEventListener("input", filter));

function follow() {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (row && row.matches("tr.rule")) {
    open(row, true);
    row.scrollIntoView();
  }
}
addEventListener("hashchange", follow);
filter();
follow();
