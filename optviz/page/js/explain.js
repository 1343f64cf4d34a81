// How a step is made: the formula of one rule in columns, with the numbers of the step that is shown.
const ROLES = { average: "momentum", size: "rmsprop", point: "nesterov" };

const GRADIENT = ["vector", "gradient", "gradient", "g = ∇f(x)", "", "", "", "gradient"];
const columnsOf = (entrant) => [GRADIENT, ...entrant.explained.columns.map((one) => (typeof one === "number" ? DATA.columns[one] : one))];

function explained() {
  const box = $("columns");
  if (!$("explain").open) return;
  const scene = first(), able = app.entrants.filter((one) => one.code && one.explained && !app.off.has(one.name));
  const entrant = able.find(({ name }) => name === app.explained) ?? able[0], run = entrant && scene.results.get(entrant);
  if (!run || !scene.world.fn) return void box.replaceChildren(element("p", { className: "note", textContent: "Only what is computed here can be explained." }));
  if (box.entrant !== entrant || box.run !== run || box.able !== able.map(({ name }) => name).join()) buildColumns(box, entrant, run, able);
  const last = Math.max((run.diverged || run.steps) - 1, 0), t = Math.min(Math.floor(app.step), last);
  const values = box.values[t], { equation } = entrant.explained, columns = columnsOf(entrant);
  box.title_.textContent = `step ${t + 1}`;
  const old = t > 0 ? box.values[t - 1] : null, at = (parts, k, from, scale) => [0, 1].map((c) => (28 * (parts[c][k] - from[c])) / scale || 0);
  box.cells.forEach((cell, k) => {
    const [kind, , , , update, before, inside] = columns[k], from = kind === "point" ? [run.states[run.width * t], run.states[run.width * t + 1]] : [0, 0];
    const within = inside ? columns.findIndex((one) => one[7] === inside) : -1, remembered = Boolean(before && old && columns[k][7] === before && kind === "vector");
    const scale = edgeOf([...sizesOf(values, k, from), ...(within < 0 ? [] : sizesOf(values, within, from)), ...(remembered ? sizesOf(old, k, from) : [])]);
    const [x, y] = at(values, k, from, scale).map((part) => (kind === "size" ? Math.abs(part) : part));
    if (kind === "size") for (const [name, value] of Object.entries({ x: -x, y: -y, width: 2 * x, height: 2 * y })) cell.shape.setAttribute(name, value.toFixed(2));
    else arrow(cell.shape, x, y);
    if (cell.inner) arrow(cell.inner, ...at(values, within, from, scale));
    if (cell.pale) arrow(cell.pale, ...(remembered ? at(old, k, from, scale) : [NaN, NaN]));
    cell.edge.textContent = `edge ±${shown(scale)}${kind === "point" ? " from x" : ""}`;
    cell.numbers.textContent = `x ${shown(values[0][k])}\ny ${shown(values[1][k])}`;
  });
  const count = columns.length, line = (c) => equation && `${"xy"[c]}: ${equation.replace(/\{(\d+)\}/g, (_, k) => { const value = shown(values[c][count + Number(k)]); return value.startsWith("−") && k !== "0" ? `(${value})` : value; })} = ${shown(values[c][count - 1])}`;
  const [f, g] = [run.values[t], run.values[t + 1]].map((value) => shown(value - scene.world.minimum));
  box.line.textContent = [equation && line(0), equation && line(1), `${scene.world.gap}: ${f} → ${g}`].filter(Boolean).join("\n");
}

const sizesOf = (parts, k, from) => [Math.abs(parts[0][k] - from[0]), Math.abs(parts[1][k] - from[1])].filter(Number.isFinite);

// A round number that all sizes fit below: 1, 2 or 5 times a power of ten.
function edgeOf(sizes) {
  const most = Math.max(...sizes, 0), unit = 10 ** Math.floor(Math.log10(most || 1));
  return [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= most) ?? 1;
}

function arrow(path, x, y) {
  if (!Number.isFinite(x + y)) return path.setAttribute("d", "");
  const length = Math.hypot(x, -y), size = Math.min(5, 0.6 * length), turn = Math.atan2(-y, x), [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  if (length < 2.5) return path.setAttribute("d", "M-2 0a2 2 0 1 0 4 0a2 2 0 1 0 -4 0Z");
  const at = (along, aside) => `${(along * cos - aside * sin).toFixed(2)} ${(along * sin + aside * cos).toFixed(2)}`;
  path.setAttribute("d", `M${at(0, 0.8)}L${at(length - size, 0.8)}L${at(length - size, size * 0.55)}L${at(length, 0)}L${at(length - size, -size * 0.55)}L${at(length - size, -0.8)}L${at(0, -0.8)}Z`);
}

function buildColumns(box, entrant, run, able) {
  const columns = columnsOf(entrant), { code } = entrant, last = run.diverged || run.steps, fn = first().world.fn;
  box.values = Array.from({ length: Math.max(last, 1) }, (_, t) => {
    const state = run.states.subarray(t * run.width, (t + 1) * run.width), f = code.value ? fn.value(state[0], state[1]) : 0;
    const c = run.plan.c(Math.min(t + 1, run.steps)), h = run.plan.h(Math.min(t + 1, run.steps)), g = [run.gradients[2 * t], run.gradients[2 * t + 1]];
    const w = code.sums(state, g[0], g[1], f, c, h);
    return [0, 1].map((i) => code.parts(state, i, g[i], f, c, h, w));
  });
  const chooser = element("select", { "aria-label": "which optimizer is explained", on: { change: () => { app.explained = chooser.value; explained(); } } }, ...able.map(({ name, title }) => element("option", { value: name, textContent: title })));
  chooser.value = entrant.name;
  box.title_ = element("strong");
  box.cells = columns.map(([kind, role, words, text, update, , inside]) => {
    const picture = svg("svg", { viewBox: "-30 -30 60 60", "aria-hidden": "true" }), made = (tag, name) => picture.appendChild(svg(tag, { class: name }));
    picture.append(svg("path", { class: "cross", d: "M-30 0H30M0-30V30" }));
    const pale = kind === "vector" ? made("path", "pale") : null, shape = kind === "size" ? made("rect", "box") : made("path", "solid-arrow"), inner = inside ? made("path", "inner") : null;
    const numbers = element("pre"), edge = element("span");
    const cell = element("div", { className: "column" }, element("b", { textContent: words }), element("span", { textContent: text }), update ? element("span", { textContent: update }) : null, edge, picture, numbers);
    const hue = ROLES[role] ? DATA.roles[ROLES[role]] : role === "move" ? entrant.colours : null;
    cell.style.setProperty("--own", hue ? hue[theme().name] : theme().ink);
    cell.style.setProperty("--inner", DATA.roles.momentum[theme().name]);
    return { cell, shape, pale, inner, numbers, edge };
  });
  box.line = element("pre", { className: "line" });
  Object.assign(box, { entrant, run, able: able.map(({ name }) => name).join() });
  box.replaceChildren(element("p", {}, chooser, " ", box.title_, element("span", { className: "note", textContent: " pale: a step ago; in a box of sizes: what is divided by them" })), element("div", { className: "strip" }, ...box.cells.map(({ cell }) => cell)), box.line);
}
