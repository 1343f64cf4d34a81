// The page: what it holds and how it is drawn. A scene is one function with its map; all scenes share optimizers and step.
const DATA = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const usualNoise = DATA.noise ?? 0, stepName = DATA.unit ?? "step";
const app = {
  steps: DATA.steps, step: 0, time: 0, playing: false, speed: 1, solid: false, noise: usualNoise, seed: DATA.seed, focus: null, pinned: null,
  off: new Set(), entrants: [], scenes: [], theme: DATA.theme ?? null,
};
const themes = Object.fromEntries(Object.entries(DATA.themes).map(([name, theme]) => [name, { ...theme, name, table: numbersOf(theme.ramp, Uint8Array) }]));
const theme = () => themes[app.theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark")];
const first = () => app.scenes[0];
const say = (text) => { $("said").textContent = text; };

// ---- a function and what runs on it
// Where the page cannot compute the function, its map is that of the stored values.
function storedHeight({ values: text, side: n, view: [x0, x1, y0, y1] }) {
  const values = numbersOf(text, Float32Array);
  return (x, y) => {
    const i = ((x - x0) / (x1 - x0)) * n - 0.5, j = ((y - y0) / (y1 - y0)) * n - 0.5;
    if (!(i >= -0.5 && j >= -0.5 && i <= n - 0.5 && j <= n - 0.5)) return NaN;
    const a = clamp(Math.floor(i), 0, n - 2), b = clamp(Math.floor(j), 0, n - 2), u = clamp(i - a, 0, 1), v = clamp(j - b, 0, 1);
    const at = b * n + a;
    return (values[at] * (1 - u) + values[at + 1] * u) * (1 - v) + (values[at + n] * (1 - u) + values[at + n + 1] * u) * v;
  };
}

function worldOf(facts, fn) {
  const minimizers = [...facts.minimizers, ...facts.local];
  return { ...facts, fn, global: facts.minimizers, minimizers, height: fn ? fn.value : storedHeight(DATA.stored) };
}

class Scene {
  constructor(box, curveBox, world) {
    this.box = box;
    this.curveBox = curveBox;
    this.chart = new Chart(box.querySelector(".map"), ["x", "y"]);
    this.solid = new Surface(box.querySelector(".solid"), box.querySelector(".heads3d"));
    this.turnTo(world);
  }

  // Another function in this place.
  turnTo(world) {
    Object.assign(this, { world, start: [...world.start], view: null, results: new Map(), field: null, runs: null });
    this.curve = new Curve(this.curveBox.querySelector("canvas"), app.scenes.length > 1 ? `${world.title}: ${world.gap}` : world.gap);
    this.solid.aim(world.camera ?? [-60, 46, 0.6]);
  }

  get seen() {
    return this.view ?? this.world.view;
  }

  get moved() {
    return this.start[0] !== this.world.start[0] || this.start[1] !== this.world.start[1];
  }

  compute(entrant) {
    const isStored = !entrant.code || !this.world.fn;
    this.results.set(entrant, isStored ? storedRun(entrant) : simulate(this.world, taskOf(entrant), this.start, app.steps));
  }

  // The runs that are drawn, the leader last; ghosts of a pinned setting below.
  gather() {
    const colour = (entrant) => entrant.colours[theme().name], run = (entrant) => this.results.get(entrant);
    const facts = (entrant) => ({ name: entrant.name, title: entrant.title, entrant, colour: colour(entrant), outline: entrant.outline, dash: entrant.dash, stopped: entrant.stopped ? entrant.last : undefined });
    const live = app.entrants.filter((entrant) => !app.off.has(entrant.name) && run(entrant)).map((entrant) => ({ ...facts(entrant), run: run(entrant) }));
    const gap = ({ run: { diverged, values } }) => (diverged ? Infinity : values[app.steps]);
    live.sort((a, b) => gap(b) - gap(a));
    const ghosts = (app.pinned?.get(this) ?? []).filter(([entrant]) => !app.off.has(entrant.name)).map(([entrant, old]) => ({ ...facts(entrant), run: old, ghost: true }));
    this.runs = [...ghosts, ...live];
    const { clientWidth: wide, clientHeight: high } = this.curveBox;
    this.curve.prepare(this.runs, app.steps, this.world.minimum, wide, high, theme());
    if (app.solid) this.solid.paths(this.runs, theme());
  }

  look() {
    this.shownSolid = app.solid;
    if (app.solid) this.solid.look(this.world, this.seen, theme());
    else this.chart.look(this.world, this.seen, theme());
    this.recolour();
  }

  draw() {
    if (!this.runs || this.shownSolid !== app.solid) return; // not looked at yet
    const marks = { minimizers: this.world.global, local: this.world.local, start: this.start, star: DATA.heads.star, arrow: DATA.heads.rim };
    if (app.solid) this.solid.show(this.runs, app.step, marks, theme(), app.focus);
    else this.chart.show(this.runs, app.step, marks, app.focus);
    this.curve.at(app.step);
  }

  recolour() {
    if (!app.solid) this.chart.colours(this.field, SIDE, this.fieldView, this.palette());
  }

  palette() {
    return this.world.palette ? this.world.palette[theme().name] : [[86, 180, 233], [230, 159, 0], [0, 158, 115], [204, 121, 167], [240, 228, 66], [213, 94, 0]];
  }

  setStart(x, y) {
    if (!this.world.fn || !(Math.abs(x) <= this.world.far && Math.abs(y) <= this.world.far) || !Number.isFinite(this.world.height(x, y))) return;
    this.start = [x, y];
    restart();
  }

  setView(view) {
    const [x0, x1, y0, y1] = view ?? this.world.view, [a, b, c, d] = this.world.view;
    if (!(x1 - x0 > 1e-10 * (b - a) && x1 - x0 < 1e5 * (b - a) && y1 - y0 > 1e-10 * (d - c))) return;
    this.view = view;
    this.look();
    this.draw();
    remember();
  }

  zoom(factor, px, py) {
    const { frame } = this.chart, [x, y] = px === undefined ? frame.back(frame.wide / 2, frame.high / 2) : frame.back(px, py), [x0, x1, y0, y1] = this.seen;
    this.setView([x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor]);
  }
}

// ---- optimizers
function entrantOf(facts) {
  const code = facts.rule === null ? null : RULES[facts.rule];
  return {
    ...facts, code, outline: DATA.heads[facts.head], path: facts.path && numbersOf(facts.path), heights: facts.values && numbersOf(facts.values), evaluated: facts.evaluated && numbersOf(facts.evaluated),
    fixed: facts.schedule && Object.fromEntries(Object.entries(facts.schedule).map(([name, text]) => [name, numbersOf(text)])),
  };
}

const ownOf = (entrant) => ({ hyper: { ...entrant.hyper }, schedule: entrant.fixed ? "as it was" : "constant" });

function taskOf(entrant) {
  const { hyper, schedule } = entrant.own;
  const schedules = schedule === "as it was" ? entrant.fixed : schedule === "constant" ? null : { lr: Float64Array.from({ length: app.steps }, (_, done) => SCHEDULES[schedule](done)) };
  return { rule: entrant.code, hyper, schedules, noise: app.noise > 0 ? gaussian(app.noise, app.seed) : null };
}

function storedRun({ path, heights, diverged, evaluated, evaluatedAt }) {
  const { steps } = app, nothing = new Float64Array(2 * (steps + 1)).fill(NaN);
  return { points: path, values: heights, gradients: nothing, states: nothing, width: 2, diverged: diverged ?? 0, steps, evaluated, evaluatedAt };
}

// How an optimizer stands at a step: what the table says of it.
function standing(scene, entrant, t) {
  const run = scene.results.get(entrant), { minimum, view: [x0, x1, y0, y1] } = scene.world;
  if (!run) return { text: "…", remark: "", tone: "muted", rank: Infinity };
  const gap = run.values[Math.min(t, run.steps)] - minimum, [x, y] = [run.points[2 * t], run.points[2 * t + 1]];
  if (run.diverged && t >= run.diverged) return { text: "diverged", remark: `at ${stepName} ${run.diverged}`, tone: "bad", rank: Infinity };
  if (gap < -1e-6 * Math.max(1, Math.abs(minimum))) return { text: shown(gap, 3), remark: "below the minimum", tone: "muted", rank: 1e300 };
  const [u, v] = [1e-9 * (x1 - x0), 1e-9 * (y1 - y0)], outside = !(x >= x0 - u && x <= x1 + u && y >= y0 - v && y <= y1 + v);
  if (outside) return { text: shownGap(gap), remark: "off the map", tone: "muted", rank: 1e200 + Math.max(gap, 0) };
  if (run.since === undefined) {
    run.since = run.steps + 1;
    while (run.since > 0 && run.values[run.since - 1] - minimum < 1e-4) run.since--;
  }
  const arrived = !run.diverged && run.since <= t;
  const stop = entrant.stopped && t >= entrant.last ? `stopped: ${entrant.stopped}` : "";
  return { text: shownGap(Math.max(gap, 0)), remark: arrived ? `below 0.0001 since ${run.since}` : stop, tone: arrived ? "good" : "muted", rank: Math.max(gap, 0) };
}

// ---- drawing
function draw() {
  app.scenes.forEach((scene) => scene.draw());
  const whole = Math.floor(app.step + 1e-9);
  if (whole === app.told) return;
  tell(whole);
  explained();
}

function everything() {
  document.documentElement.dataset.theme = theme().name;
  app.told = -1;
  $("columns").run = null;
  app.scenes.forEach((scene) => {
    scene.gather();
    scene.look();
  });
  refreshRows();
  draw();
}

// One optimizer has other numbers.
function changed(entrant) {
  app.scenes.forEach((scene) => scene.compute(entrant));
  after();
  if (app.basins === entrant.name) flood();
}

function after() {
  app.scenes.forEach((scene) => scene.gather());
  refreshRows();
  app.told = -1;
  draw();
  remember();
}

function restart() {
  app.scenes.forEach((scene) => {
    scene.results.clear();
    app.entrants.forEach((entrant) => scene.compute(entrant));
  });
  after();
  $("where").value = first().start.map(plainNumber).join(", ");
  selfCheck();
  if (app.basins) flood();
}

// ---- time
const SPAN = 8; // seconds that a run takes at full speed, as in the GIF

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
  const turn = (app.turn = {});
  const frame = (now) => {
    if (!app.playing || app.turn !== turn) return;
    const began = performance.now();
    if (before !== null) seek(stepAt(app.time + ((now - before) / 1000 / SPAN) * app.speed, app.steps));
    before = now;
    app.costs?.push(performance.now() - began);
    if (app.step >= app.steps) return play(false);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

// ---- what takes longer
// Work in slices of 12 ms: `work` yields, `step` sees what it yields, `done` what it returns.
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

// The fair rule of the footer, from the start that is shown, for some optimizers one after another.
function tune(several, told) {
  const { world, start } = first(), [x0, x1, y0, y1] = world.view;
  const inside = (value, at, low, high) => clamp(value, Math.min(low, at), Math.max(high, at));
  const starts = DATA.jitter.map(([u, v]) => [inside(start[0] + u * (x1 - x0), start[0], x0, x1), inside(start[1] + v * (y1 - y0), start[1], y0, y1)]);
  if (app.tuning) app.tuning.stopped = true;
  const next = (place) => {
    if (place === several.length) return told();
    const entrant = several[place];
    app.tuning = inSlices(tuned(world, { ...taskOf(entrant), noise: null }, starts, Math.min(app.steps, 10000)), () => {}, (rate) => {
      entrant.own.hyper.lr = rate;
      changed(entrant);
      next(place + 1);
    });
  };
  next(0);
}

function tuneHere() {
  const button = $("tune");
  button.disabled = true;
  say("Tuning …");
  tune(app.entrants.filter((entrant) => entrant.code && "lr" in entrant.hyper && !app.off.has(entrant.name)), () => {
    button.disabled = false;
    say(`Learning rates tuned from ${pointText(...first().start)}: ${DATA.rule}${app.noise ? ", without noise" : ""}.`);
  });
}

// Where the runs of one optimizer end, over the map.
const SIDE = 128;
function flood() {
  if (app.flooding) app.flooding.stopped = true;
  const scene = first(), entrant = app.entrants.find(({ name }) => name === app.basins);
  scene.field = null;
  if (!entrant?.code || !scene.world.fn) return scene.recolour();
  const steps = Math.min(app.steps, 200), work = basins(scene.world, taskOf(entrant), scene.seen, SIDE, steps);
  scene.fieldView = scene.seen;
  let shownAt = 0;
  app.flooding = inSlices(work, (field) => {
    scene.field = { ...field, steps };
    if (performance.now() - shownAt > 120) {
      scene.recolour();
      shownAt = performance.now();
    }
  }, () => {
    scene.field = { ...scene.field, row: SIDE };
    scene.recolour();
    const ends = scene.field.reached, count = (wanted) => ends.reduce((total, end) => total + (end === wanted), 0) / ends.length;
    const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
    const parts = scene.world.minimizers.map((at, k) => `${pointText(...at)} ${percent(count(k))}`).slice(0, 6);
    say(`${entrant.title} from ${SIDE} × ${SIDE} starts, ${steps} steps, ends at ${parts.join(", ")}; at none ${percent(count(-1))}; diverged ${percent(count(-2))}.`);
  });
}

// Are these runs those of the kernels? Stored iterates tell, as long as nothing has been changed.
function selfCheck() {
  const scene = first(), isUsual = (entrant) => JSON.stringify(entrant.own) === JSON.stringify(ownOf(entrant));
  const fresh = scene.world.fn ? app.entrants.filter((entrant) => entrant.code && entrant.path && isUsual(entrant)) : [];
  app.worst = null;
  if (!scene.world.fn) return void ($("check").textContent = DATA.reason);
  if (scene.moved || app.noise !== usualNoise || (app.noise && app.seed !== DATA.seed) || !fresh.length) return void ($("check").textContent = "");
  let worst = 0, who = "", early = Infinity;
  for (const { path, every, title } of fresh.map((entrant) => ({ ...entrant, entrant }))) {
    const { points } = scene.results.get(app.entrants.find((one) => one.path === path));
    for (let k = 0; 2 * k < path.length; k++) {
      for (const c of [0, 1]) {
        const a = points[2 * k * every + c], b = path[2 * k + c];
        const error = a === b || (!Number.isFinite(a) && !Number.isFinite(b)) ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b));
        if (error > 1e-9) early = Math.min(early, k * every);
        if (!(error <= worst)) [worst, who] = [error, title];
      }
    }
  }
  app.worst = worst;
  const agrees = worst === 0 ? "recomputed here: bit for bit the kernels' runs" : `recomputed here: within ${shown(worst, 2)} of the kernels (${who})`;
  $("check").textContent = worst > 1e-9 ? `recomputed here; the last digits decide from step ${early} (${who})` : agrees;
}

// ---- the link
function remember() {
  const { start, view, moved } = first(), text = (numbers) => numbers.map((number) => Number(number.toPrecision(9))).join(",");
  const parts = {
    ...(app.chosen?.() ?? {}), start: moved ? text(start) : null, step: app.playing || app.step >= app.steps ? null : Math.floor(app.step), off: app.off.size ? [...app.off].join(",") : null,
    view: view ? text(view) : null, theme: app.theme, "3d": app.solid, noise: app.noise === usualNoise ? null : app.noise, seed: app.noise && app.seed !== DATA.seed ? app.seed : null, basins: app.basins ?? null,
  };
  for (const entrant of app.entrants) {
    const { hyper, schedule } = entrant.own, usual = ownOf(entrant);
    const said = Object.keys(hyper).filter((name) => hyper[name] !== usual.hyper[name]).map((name) => `${name}:${hyper[name]}`);
    if (schedule !== usual.schedule) said.push(`schedule:${schedule}`);
    if (said.length) parts[entrant.name] = said.join(",");
  }
  app.link = writeState(parts);
  clearTimeout(app.writing);
  app.writing = setTimeout(() => keepState(app.link), 150);
  app.linked?.();
}
