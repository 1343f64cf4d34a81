// The table: a row for each optimizer, with its mark, its sliders and how it stands.

// Positions of 0 to 1000 and numbers: around a rate by decades, near 1 by what is missing, else evenly.
const SCALES = {
  decades: (base, low) => {
    const middle = base > 0 ? base : 1e-3;
    return { to: (value) => (value > 0 ? clamp(500 + (Math.log10(value / middle) / 3) * 500, 0, 1000) : 0), from: (at) => (at <= 0 && low === 0 ? 0 : middle * 10 ** (((at - 500) / 500) * 3)) };
  },
  share: () => ({ to: (value) => clamp((-Math.log10(Math.max(1 - value, 1e-5)) / 4) * 1000, 0, 1000), from: (at) => 1 - 10 ** ((-at / 1000) * 4) }),
  even: (base, low, high) => {
    const [least, last] = [low > -1e300 ? low : Math.min(0, 3 * base), high < 1e300 ? high : Math.max(1, 3 * base)];
    return { to: (value) => ((value - least) / (last - least)) * 1000, from: (at) => least + (at / 1000) * (last - least) };
  },
};

// A slider moves on a scale that suits its number; the field beside it takes any number of the range.
function makeSlider(entrant, { name, label, low, high, scale }) {
  const scaled = () => SCALES[scale](entrant.hyper[name], low, high);
  const input = element("input", { type: "range", min: 0, max: 1000, step: 1, "aria-label": `${name} of ${entrant.title}`, disabled: !entrant.code });
  const field = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", className: "number", "aria-label": `${name} of ${entrant.title}, as a number`, disabled: !entrant.code });
  const set = (value) => {
    entrant.own.hyper[name] = clamp(value, low, high);
    changed(entrant);
  };
  const base = () => entrant.hyper[name];
  input.addEventListener("input", () => set(Math.abs(input.value - scaled().to(base())) < 6 ? base() : Number(scaled().from(Number(input.value)).toPrecision(3))));
  input.addEventListener("dblclick", () => set(base()));
  field.addEventListener("change", () => {
    const value = finite(field.value.trim().replace("−", "-"), low, high);
    if (value === null) field.value = plainNumber(entrant.own.hyper[name]);
    else set(value);
  });
  const box = element("div", { className: "slider", title: `${name}: double click for what it was` }, element("span", { className: "label", textContent: label }), input, field);
  const show = () => {
    const value = entrant.own.hyper[name], at = scaled().to(value);
    input.value = Math.round(at);
    input.setAttribute("aria-valuetext", plainNumber(value));
    if (document.activeElement !== field) field.value = plainNumber(value);
    input.style.setProperty("--at", `${clamp(at / 10, 0, 100)}%`);
  };
  return { box, show };
}

const svg = (tag, facts) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
  return made;
};

function icon(outline) {
  const box = svg("svg", { viewBox: "-8 -8 16 16", width: 20, height: 20, "aria-hidden": "true" });
  box.append(svg("path", { d: `M${outline.map(([x, y]) => `${(x * 5.6).toFixed(2)} ${(y * 5.6).toFixed(2)}`).join("L")}Z` }));
  return box;
}

const chooserOf = (label, words, value, choose) => {
  const chooser = element("select", { "aria-label": label, on: { change: () => choose(chooser.value) } }, ...words.map((word) => element("option", { value: word, textContent: word })));
  chooser.value = value;
  return chooser;
};

const storedNote = ({ reason, evaluated }) => `stored path${evaluated ? ", a dot for each evaluation" : ""}${reason ? `: ${reason}` : ""}`;

function makeRow(entrant) {
  const { name, title } = entrant, value = element("td", { className: "value" }), remark = element("span", { className: "remark" });
  const toggle = element("button", {
    type: "button", className: "mark", title: `show or hide ${title}`, "aria-label": `show ${title}`,
    on: { click: () => { app.off.has(name) ? app.off.delete(name) : app.off.add(name); after(); } },
  }, icon(entrant.outline));
  const sliders = element("div", { className: "sliders" }), more = [];
  const fields = entrant.sliders.map((slider) => {
    const field = makeSlider(entrant, slider);
    sliders.append(field.box);
    if (!slider.first) more.push(field.box);
    return field;
  });
  let chooser = null;
  if (entrant.code && "lr" in entrant.hyper) {
    const words = [...(entrant.fixed ? ["as it was"] : []), ...Object.keys(SCHEDULES)];
    chooser = chooserOf(`schedule of the learning rate of ${title}`, words, entrant.own.schedule, (word) => { entrant.own.schedule = word; changed(entrant); });
    more.push(element("label", { className: "slider chooser" }, element("span", { textContent: "schedule" }), chooser));
    sliders.append(more[more.length - 1]);
  }
  app.dressRow?.(entrant, sliders, more);
  if (!entrant.code) sliders.append(element("span", { className: "note", textContent: storedNote(entrant) }));
  const head = element("th", { scope: "row" }, element("div", { className: "name" }, element("span", { textContent: title }), remark), sliders);
  const focus = (who) => () => { app.focus = who; draw(); };
  const row = element("tr", { data: { name }, on: { pointerenter: focus(name), pointerleave: focus(null) } }, element("td", { className: "who" }, toggle), head, value);
  more.forEach((box) => (box.hidden = !app.open));
  return { row, value, remark, toggle, fields, chooser, more };
}

function refreshRows() {
  for (const entrant of app.entrants) {
    const { row, toggle, fields, chooser } = (entrant.row ??= makeRow(entrant)), off = app.off.has(entrant.name);
    row.style.setProperty("--own", entrant.colours[theme().name]);
    row.classList.toggle("off", off);
    toggle.setAttribute("aria-pressed", String(!off));
    fields.forEach((field) => field.show());
    if (chooser) chooser.value = entrant.own.schedule;
  }
  const body = $("rows"), wanted = new Set(app.entrants.map(({ row }) => row.row));
  [...body.children].forEach((row) => wanted.has(row) || row.remove());
  wanted.forEach((row) => row.isConnected || body.append(row));
}

function tell(t) {
  app.told = t;
  $("step").textContent = String(t);
  $("scrub").setAttribute("aria-valuetext", `${stepName} ${t} of ${app.steps}`);
  const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const told = new Map(app.entrants.map((entrant) => [entrant, app.scenes.map((scene) => standing(scene, entrant, t))]));
  for (const [entrant, several] of told) {
    const { value, remark } = entrant.row, [{ remark: words, tone }] = several;
    put(value, several.map(({ text }) => text).join(" | "));
    put(remark, words);
    remark.className = `remark ${tone}`;
    value.classList.toggle("bad", tone === "bad");
  }
  const body = $("rows"), busy = body.contains(document.activeElement) && document.activeElement.tagName !== "BUTTON";
  if (busy || app.held) return;
  const rank = (entrant) => told.get(entrant)[0].rank, places = new Map(app.entrants.map((entrant, place) => [entrant, place]));
  const order = [...app.entrants].sort((a, b) => app.off.has(a.name) - app.off.has(b.name) || rank(a) - rank(b) || places.get(a) - places.get(b));
  if (order.some(({ row }, place) => body.children[place] !== row.row)) body.append(...order.map(({ row }) => row.row));
}
