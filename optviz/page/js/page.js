// The page: what it holds, what its controls do, and how it moves.
const DATA = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const SPAN = 8; // seconds that a run takes at full speed, as in the GIF

const app = {
  steps: DATA.steps, step: 0, playing: false, speed: 1, solid: false, noise: 0, seed: DATA.seed, focus: null, pinned: null,
  off: new Set(), own: [], runs: [], start: [...DATA.function.start], view: null, theme: null,
};
const entrants = DATA.entrants.map((facts, index) => {
  const code = facts.rule === null || !FUNCTION ? null : RULES[facts.rule];
  return { ...facts, index, code, outline: DATA.heads[facts.head], path: facts.path && numbersOf(facts.path), heights: facts.values && numbersOf(facts.values) };
});
const world = makeWorld();
const themes = Object.fromEntries(Object.entries(DATA.themes).map(([name, theme]) => {
  return [name, { ...theme, name, table: numbersOf(theme.ramp, Uint8Array) }];
}));
const usual = () => entrants.map((entrant) => ({ hyper: { ...entrant.hyper }, schedule: entrant.schedule ? "as it was" : "constant" }));

function makeWorld() {
  const facts = DATA.function, minimizers = [...facts.minimizers, ...facts.local], fn = FUNCTION;
  const made = { ...facts, fn, minimizers, height: fn ? fn.value : null, far: facts.far, floor: facts.floor };
  if (!fn) {
    const values = numbersOf(DATA.stored.values, Float32Array), n = DATA.stored.side, [x0, x1, y0, y1] = DATA.stored.view;
    made.height = (x, y) => {
      const i = ((x - x0) / (x1 - x0)) * n - 0.5, j = ((y - y0) / (y1 - y0)) * n - 0.5;
      if (!(i >= -0.5 && j >= -0.5 && i <= n - 0.5 && j <= n - 0.5)) return NaN;
      const a = clamp(Math.floor(i), 0, n - 2), b = clamp(Math.floor(j), 0, n - 2), u = clamp(i - a, 0, 1), v = clamp(j - b, 0, 1);
      const [p, q, r, s] = [values[b * n + a], values[b * n + a + 1], values[(b + 1) * n + a], values[(b + 1) * n + a + 1]];
      return p * (1 - u) * (1 - v) + q * u * (1 - v) + r * (1 - u) * v + s * u * v;
    };
  }
  return made;
}

const theme = () => themes[app.theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark")];
const viewNow = () => app.view ?? DATA.function.view;
const moved = () => app.start[0] !== DATA.function.start[0] || app.start[1] !== DATA.function.start[1];

// Positions of 0 to 1000 and numbers: around a rate by decades, near 1 by what is missing, else evenly.
const SCALES = {
  decades: (base, low, high) => {
    const middle = base > 0 ? base : 1e-3;
    return { to: (value) => (value > 0 ? clamp(500 + (Math.log10(value / middle) / 3) * 500, 0, 1000) : 0), from: (at) => (at <= 0 && low === 0 ? 0 : middle * 10 ** (((at - 500) / 500) * 3)) };
  },
  share: () => ({ to: (value) => clamp((-Math.log10(Math.max(1 - value, 1e-5)) / 4) * 1000, 0, 1000), from: (at) => 1 - 10 ** ((-at / 1000) * 4) }),
  even: (base, low, high) => {
    const [first, last] = [Number.isFinite(low) ? low : Math.min(0, 3 * base), Number.isFinite(high) ? high : Math.max(1, 3 * base)];
    return { to: (value) => ((value - first) / (last - first)) * 1000, from: (at) => first + (at / 1000) * (last - first) };
  },
};

// ---- runs
function scheduleOf(entrant, own) {
  if (own.schedule === "as it was") return Object.fromEntries(Object.entries(entrant.schedule).map(([name, text]) => [name, numbersOf(text)]));
  const factor = own.schedule === "constant" ? null : SCHEDULES[own.schedule];
  return factor && { lr: Float64Array.from({ length: app.steps }, (_, done) => factor(done)) };
}
const entry = (entrant, own) => ({
  rule: entrant.code, hyper: own.hyper, schedules: scheduleOf(entrant, own), noise: app.noise > 0 ? gaussian(app.noise, app.seed) : null,
});

function storedRun({ path, heights, diverged }) {
  const steps = app.steps, nothing = new Float64Array(2 * (steps + 1)).fill(NaN);
  return { points: path, values: heights, gradients: nothing, states: nothing, width: 2, diverged: diverged ?? 0, steps };
}

function compute(index) {
  const entrant = entrants[index];
  app.results[index] = entrant.code ? simulate(world, entry(entrant, app.own[index]), app.start, app.steps) : storedRun(entrant);
}

function computeAll() {
  app.results = [];
  entrants.forEach((_, index) => compute(index));
  gather();
}

// The runs that are drawn, in an order that lays the leader on top at the end; ghosts of a pinned setting below.
function gather() {
  const colour = (entrant) => entrant.colours[theme().name];
  const live = entrants.filter((entrant) => !app.off.has(entrant.name)).map((entrant) => ({
    name: entrant.name, title: entrant.title, entrant, run: app.results[entrant.index], colour: colour(entrant), outline: entrant.outline, dash: entrant.dash,
  }));
  const gap = ({ run }) => (run.diverged ? Infinity : run.values[app.steps]);
  live.sort((a, b) => gap(b) - gap(a) || a.entrant.index - b.entrant.index);
  const ghosts = (app.pinned ?? []).filter(({ index }) => !app.off.has(entrants[index].name)).map(({ index, run }) => ({
    name: entrants[index].name, run, ghost: true, entrant: entrants[index], colour: colour(entrants[index]), outline: entrants[index].outline,
  }));
  app.runs = [...ghosts, ...live];
  curve.prepare(app.runs, app.steps, world.minimum, $("curve").clientWidth, $("curve").clientHeight, theme());
  if (app.solid) solid.paths(app.runs, theme());
}

// ---- drawing
const chart = new Chart($("map"), ["x", "y"]);
const curve = new Curve($("curve-canvas"), DATA.function.gap);
const solid = typeof Surface === "undefined" ? null : new Surface($("solid"), $("heads3d"));
const marks = () => ({ minimizers: world.minimizers.slice(0, DATA.function.minimizers.length), local: DATA.function.local, start: app.start, star: DATA.heads.star, arrow: DATA.heads.rim });

function draw() {
  if (app.solid) solid.show(app.runs, app.step, marks(), theme(), app.focus);
  else chart.show(app.runs, app.step, marks(), app.focus);
  curve.at(app.step);
  const whole = Math.floor(app.step + 1e-9);
  if (whole !== app.told) tell(whole);
}

function look() {
  if (app.solid) solid.look(world, viewNow(), theme());
  else chart.look(world, viewNow(), theme());
  recolour();
  draw();
}

function everything() {
  document.documentElement.dataset.theme = theme().name;
  app.told = -1;
  gather();
  look();
}

// ---- the table and what is said in words
const rows = entrants.map(makeRow);
function standing(index, t) {
  const run = app.results[index], value = run.values[Math.min(t, run.steps)], gap = value - world.minimum;
  if (run.diverged && t >= run.diverged) return { text: "diverged", remark: `at step ${run.diverged}`, tone: "bad", rank: Infinity };
  const [x, y] = [run.points[2 * t], run.points[2 * t + 1]], [x0, x1, y0, y1] = DATA.function.view;
  const outside = !(x >= x0 - 1e-9 && x <= x1 + 1e-9 && y >= y0 - 1e-9 && y <= y1 + 1e-9);
  if (gap < -1e-6 * Math.max(1, Math.abs(world.minimum))) return { text: shown(gap, 3), remark: "below the minimum", tone: "muted", rank: 1e300 };
  if (outside) return { text: shownGap(gap), remark: "off the map", tone: "muted", rank: 1e200 + Math.max(gap, 0) };
  let since = run.steps + 1;
  while (since > 0 && run.values[since - 1] - world.minimum < 1e-4) since--;
  const arrived = !run.diverged && since <= t;
  return { text: shownGap(Math.max(gap, 0)), remark: arrived ? `below 0.0001 since ${since}` : "", tone: arrived ? "good" : "muted", rank: Math.max(gap, 0) };
}

function tell(t) {
  app.told = t;
  $("step").textContent = String(t);
  $("scrub").setAttribute("aria-valuetext", `step ${t} of ${app.steps}`);
  const told = entrants.map((entrant) => standing(entrant.index, t));
  rows.forEach((row, index) => {
    const { text, remark, tone } = told[index];
    if (row.value.textContent !== text) row.value.textContent = text;
    if (row.remark.textContent !== remark) row.remark.textContent = remark;
    row.remark.className = `remark ${tone}`;
    row.value.className = tone === "bad" ? "value bad" : "value";
  });
  const body = $("rows"), busy = body.contains(document.activeElement) && document.activeElement.tagName === "INPUT";
  if (busy || app.held) return;
  const order = entrants.map(({ index }) => index).sort((a, b) => app.off.has(entrants[a].name) - app.off.has(entrants[b].name) || told[a].rank - told[b].rank || a - b);
  if (order.some((index, place) => body.children[place] !== rows[index].row)) body.append(...order.map((index) => rows[index].row));
}

function makeRow(entrant) {
  const { name, title } = entrant, own = () => app.own[entrant.index];
  const value = element("td", { className: "value" }), remark = element("span", { className: "remark" });
  const toggle = element("button", {
    type: "button", className: "mark", "aria-pressed": "true", title: `show or hide ${title}`, "aria-label": `show ${title}`,
    on: { click: () => flip(name) },
  }, icon(entrant));
  const fields = new Map(), sliders = element("div", { className: "sliders" });
  entrant.sliders.forEach((slider) => {
    const field = makeSlider(entrant, slider);
    fields.set(slider.name, field);
    field.more = field.box.hidden = !slider.first;
    sliders.append(field.box);
  });
  let chooser = null;
  if (entrant.code && "lr" in entrant.hyper) {
    const names = [...(entrant.schedule ? ["as it was"] : []), ...Object.keys(SCHEDULES)];
    chooser = element("select", { "aria-label": `schedule of the learning rate of ${title}`, on: { change: () => { own().schedule = chooser.value; changed(entrant.index); } } },
      ...names.map((known) => element("option", { value: known, textContent: known })));
    sliders.append(element("label", { className: "slider chooser", hidden: true }, element("span", { textContent: "schedule" }), chooser));
  }
  if (!entrant.code) sliders.append(element("span", { className: "note", textContent: `stored path: ${entrant.reason}` }));
  const head = element("th", { scope: "row" }, element("div", { className: "name" }, element("span", { textContent: title }), remark), sliders);
  const row = element("tr", {
    colour: "", data: { name }, on: {
      pointerenter: () => { app.focus = name; draw(); }, pointerleave: () => { app.focus = null; draw(); },
    },
  }, element("td", { className: "who" }, toggle), head, value);
  return { row, value, remark, toggle, fields, chooser };
}

function icon(entrant) {
  const make = (tag, facts) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
    return made;
  };
  const box = make("svg", { viewBox: "-8 -8 16 16", width: 20, height: 20, "aria-hidden": "true" });
  box.append(make("path", { d: "M" + entrant.outline.map(([x, y]) => `${(x * 5.6).toFixed(2)} ${(y * 5.6).toFixed(2)}`).join("L") + "Z" }));
  return box;
}

// A slider moves on a scale that suits its number; the field beside it takes any number of the range.
function makeSlider(entrant, { name, label, low, high, scale }) {
  const base = entrant.hyper[name], { to, from } = SCALES[scale](base, low, high);
  const input = element("input", { type: "range", min: 0, max: 1000, step: 1, "aria-label": `${name} of ${entrant.title}`, disabled: !entrant.code });
  const field = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", className: "number", "aria-label": `${name} of ${entrant.title}, as a number`, disabled: !entrant.code });
  const set = (value) => {
    app.own[entrant.index].hyper[name] = clamp(value, low, high);
    changed(entrant.index);
  };
  input.addEventListener("input", () => set(Math.abs(input.value - to(base)) < 6 ? base : Number(from(Number(input.value)).toPrecision(3))));
  input.addEventListener("dblclick", () => set(base));
  field.addEventListener("change", () => {
    const value = finite(field.value.trim().replace("−", "-"), low, high);
    if (value === null) field.value = plainNumber(app.own[entrant.index].hyper[name]);
    else set(value);
  });
  const box = element("div", { className: "slider", title: `${name}: double click for ${plainNumber(base)} again` }, element("span", { className: "label", textContent: label }), input, field);
  const show = () => {
    const value = app.own[entrant.index].hyper[name];
    input.value = Math.round(to(value));
    input.setAttribute("aria-valuetext", plainNumber(value));
    if (document.activeElement !== field) field.value = plainNumber(value);
    input.style.setProperty("--at", `${clamp(to(value) / 10, 0, 100)}%`);
  };
  return { box, show, input };
}

function refreshRows() {
  rows.forEach((row, index) => {
    const entrant = entrants[index], off = app.off.has(entrant.name);
    row.row.style.setProperty("--own", entrant.colours[theme().name]);
    row.row.classList.toggle("off", off);
    row.toggle.setAttribute("aria-pressed", String(!off));
    row.fields.forEach((field) => field.show());
    if (row.chooser) row.chooser.value = app.own[index].schedule;
  });
}

// ---- what a reader changes
function changed(index) {
  compute(index);
  after();
  if (app.basins === entrants[index].name) flood();
}

function after() {
  app.trailsStale = true;
  gather();
  refreshRows();
  app.told = -1;
  draw();
  remember();
}

function restart() {
  computeAll();
  after();
  $("where").value = app.start.map(plainNumber).join(", ");
  selfCheck();
}

function flip(name) {
  app.off.has(name) ? app.off.delete(name) : app.off.add(name);
  after();
}

function setStart(x, y) {
  if (!FUNCTION || !(Math.abs(x) <= world.far && Math.abs(y) <= world.far) || !Number.isFinite(world.height(x, y))) return;
  app.start = [x, y];
  restart();
}

function setView(view) {
  const [x0, x1, y0, y1] = view ?? DATA.function.view, [a, b, c, d] = DATA.function.view;
  if (!(x1 - x0 > 1e-10 * (b - a) && x1 - x0 < 1e5 * (b - a) && y1 - y0 > 1e-10 * (d - c))) return;
  app.view = view;
  look();
  remember();
}

function zoom(factor, px, py) {
  const { frame } = chart, [x, y] = px === undefined ? frame.back(frame.wide / 2, frame.high / 2) : frame.back(px, py), [x0, x1, y0, y1] = viewNow();
  setView([x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor]);
}

function seek(step) {
  app.step = clamp(step, 0, app.steps);
  app.time = elapsed(app.step, app.steps);
  $("scrub").value = Math.round(app.time * 1000);
  $("scrub").style.setProperty("--at", `${app.time * 100}%`);
  draw();
}

function play(on) {
  app.playing = on;
  $("play").textContent = on ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", on ? "pause" : "play");
  if (!on) return remember();
  if (app.step >= app.steps) seek(0);
  let before = null;
  const frame = (now) => {
    if (!app.playing) return;
    const began = performance.now();
    if (before !== null) seek(stepAt(app.time + ((now - before) / 1000 / SPAN) * app.speed, app.steps));
    before = now;
    app.cost = performance.now() - began;
    app.costs?.push(app.cost);
    if (app.step >= app.steps) return play(false);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function remember() {
  const text = (numbers) => numbers.map((number) => Number(number.toPrecision(9))).join(",");
  const parts = {
    start: moved() ? text(app.start) : null, step: app.playing || app.step >= app.steps ? null : Math.floor(app.step), off: app.off.size ? [...app.off].join(",") : null,
    view: app.view ? text(app.view) : null, theme: app.theme, "3d": app.solid, noise: app.noise || null, seed: app.noise && app.seed !== DATA.seed ? app.seed : null,
    basins: app.basins ?? null,
  };
  entrants.forEach((entrant, index) => {
    const { hyper, schedule } = app.own[index], first = entrant.schedule ? "as it was" : "constant";
    const said = Object.keys(hyper).filter((name) => hyper[name] !== entrant.hyper[name]).map((name) => `${name}:${hyper[name]}`);
    if (schedule !== first) said.push(`schedule:${schedule}`);
    if (said.length) parts[entrant.name] = said.join(",");
  });
  app.link = writeState(parts);
  clearTimeout(app.writing);
  app.writing = setTimeout(() => keepState(app.link), 150);
}

// Long work in slices of 12 ms: `work` yields, `step` sees what it yields, `done` what it returns.
function inSlices(work, step, done) {
  const job = { stopped: false };
  const slice = () => {
    if (job.stopped) return;
    const until = performance.now() + 12;
    let result;
    do result = work.next();
    while (!result.done && performance.now() < until);
    if (result.done) return done(result.value);
    step(result.value);
    later(slice);
  };
  later(slice);
  return job;
}

// The fair rule of the footer, from the start that is shown.
function tuneHere() {
  const able = entrants.filter((entrant) => entrant.code && "lr" in entrant.hyper && !app.off.has(entrant.name)), [x0, x1, y0, y1] = DATA.function.view;
  const inside = (value, start, low, high) => clamp(value, Math.min(low, start), Math.max(high, start));
  const starts = DATA.jitter.map(([u, v]) => [inside(app.start[0] + u * (x1 - x0), app.start[0], x0, x1), inside(app.start[1] + v * (y1 - y0), app.start[1], y0, y1)]);
  const button = $("tune");
  app.tuning?.forEach((job) => (job.stopped = true));
  app.tuning = [];
  const next = (place) => {
    if (place === able.length) {
      button.disabled = false;
      say(`Learning rates tuned from ${pointText(...app.start)}: ${DATA.rule}.`);
      return;
    }
    const entrant = able[place], given = entry(entrant, app.own[entrant.index]);
    const noiseless = { ...given, noise: null };
    say(`Tuning ${entrant.title} …`);
    app.tuning.push(inSlices(tuned(world, noiseless, starts, Math.min(app.steps, 10000)), () => {}, (rate) => {
      app.own[entrant.index].hyper.lr = rate;
      changed(entrant.index);
      next(place + 1);
    }));
  };
  button.disabled = true;
  next(0);
}

// Where the runs of one optimizer end, over the map.
const SIDE = 128;
function flood() {
  if (app.flooding) app.flooding.stopped = true;
  const entrant = entrants.find(({ name }) => name === app.basins);
  app.field = null;
  if (!entrant || !entrant.code) return recolour();
  const steps = Math.min(app.steps, 200), view = viewNow(), work = basins(world, entry(entrant, app.own[entrant.index]), view, SIDE, steps);
  app.fieldView = view;
  let shownAt = 0;
  app.flooding = inSlices(work, (field) => {
    app.field = { ...field, steps };
    if (performance.now() - shownAt > 120) recolour(), (shownAt = performance.now());
  }, () => {
    if (app.field) app.field = { ...app.field, row: SIDE };
    recolour();
    const ends = app.field.reached, count = (wanted) => ends.reduce((total, end) => total + (end === wanted), 0) / ends.length;
    const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
    const parts = world.minimizers.map((at, k) => `${pointText(...at)} ${percent(count(k))}`).filter((_, k) => k < 6);
    say(`${entrant.title} from ${SIDE} × ${SIDE} starts, ${steps} steps, ends at ${parts.join(", ")}; at none ${percent(count(-1))}; diverged ${percent(count(-2))}.`);
  });
}
const recolour = () => { if (!app.solid) chart.colours(app.field, SIDE, app.fieldView, DATA.palette[theme().name]); };

const say = (text) => { $("said").textContent = text; };

// Are these runs those of the kernels? Stored iterates tell, as long as nothing has been changed.
function selfCheck() {
  const able = entrants.filter((entrant) => entrant.code && entrant.path);
  if (moved() || app.noise || !able.length) return void ($("check").textContent = FUNCTION ? "" : DATA.reason);
  let worst = 0, who = "", early = Infinity;
  const fresh = entrants.map((entrant, index) => index).filter((index) => able.includes(entrants[index]) && JSON.stringify(app.own[index]) === JSON.stringify(usual()[index]));
  for (const index of fresh) {
    const { path, every, title } = entrants[index], { points } = app.results[index];
    for (let k = 0; 2 * k < path.length; k++) {
      for (const c of [0, 1]) {
        const a = points[2 * k * every + c], b = path[2 * k + c];
        const error = Object.is(a, b) || a === b || (!Number.isFinite(a) && !Number.isFinite(b)) ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b));
        if (error > 1e-9) early = Math.min(early, k * every);
        if (!(error <= worst)) [worst, who] = [error, title];
      }
    }
  }
  app.worst = worst;
  const agrees = worst === 0 ? "recomputed here: bit for bit the kernels' runs" : `recomputed here: within ${shown(worst, 2)} of the kernels (${who})`;
  $("check").textContent = !fresh.length ? "" : worst > 1e-9 ? `recomputed here; the last digits decide from step ${early} (${who})` : agrees;
}
