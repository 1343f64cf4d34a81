// Pages to read: dark or light, and tables that their readers sort.
const $ = (id) => document.getElementById(id);

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function buttons() {
  const toggle = $("theme"), printer = $("print");
  toggle?.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; });
  printer?.addEventListener("click", () => print());
  for (const button of [toggle, printer]) if (button) button.hidden = false;
}

// The numbers of a cell: "97.11 ± 0.23" and "1–3" hold two, "1.2×10⁻⁵" one, "∞" one that is larger than all others.
const LOWERED = Object.fromEntries(Object.entries(RAISED).map(([low, high]) => [high, low]));
const NUMBER = /([−+-]?)(∞|\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/g;
function numbersIn(text) {
  return [...text.replace(/(^|[^\d.,])10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, "$11×10$2").matchAll(NUMBER)].map(([, sign, size, power]) => {
    const value = size === "∞" ? Infinity : Number(size.replaceAll(",", "")) * 10 ** Number([...(power ?? "0")].map((one) => LOWERED[one] ?? one).join(""));
    return sign === "−" || sign === "-" ? -value : value;
  });
}

// What a cell is sorted by: of "63 %    120" the steps count first, then the share; cells without a number come last.
function sortKey(text) {
  const share = text.match(/^(\d+) %\s+(\S+)$/), numbers = numbersIn(text);
  if (share) return [numbers[1] ?? Infinity, -numbers[0]];
  return numbers.length && /^[<>≤≥]?\s*[−+-]?[\d∞]/.test(text.trim()) ? numbers : null;
}

function compareKeys(a, b) {
  for (let k = 0; k < Math.min(a.length, b.length); k++) if (a[k] !== b[k]) return a[k] < b[k] ? -1 : 1;
  return a.length - b.length;
}

// A click sorts upwards, the next one downwards, the third as it was; ties keep the order in which they stood at first.
function sortable(table) {
  const head = table.tHead.rows[0], body = table.tBodies[0], original = [...body.rows];
  if (original.length < 2) return;
  [...head.cells].forEach((cell, column) => {
    if (cell.tagName !== "TH") return;
    const isWords = cell.classList.contains("words"), texts = new Map(original.map((row) => [row, row.cells[column].textContent]));
    const keys = new Map(original.map((row) => [row, isWords ? texts.get(row) : sortKey(texts.get(row))]));
    const compare = (a, b) => (isWords ? a.localeCompare(b, undefined, { numeric: true }) : compareKeys(a, b));
    const button = element("button", { type: "button", title: "sort" });
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      const next = { none: "ascending", ascending: "descending", descending: "none" }[cell.getAttribute("aria-sort") ?? "none"];
      for (const other of head.cells) other.removeAttribute("aria-sort");
      if (next !== "none") cell.setAttribute("aria-sort", next);
      const known = original.filter((row) => keys.get(row) !== null), unknown = original.filter((row) => keys.get(row) === null);
      const sign = next === "descending" ? -1 : 1;
      if (next === "none") body.append(...original);
      else body.append(...known.sort((a, b) => sign * compare(keys.get(a), keys.get(b))), ...unknown);
    });
  });
}

function dress() {
  buttons();
  document.querySelectorAll("main table").forEach(sortable);
}
