// The explorer: any function, any rules, formulas of one's own, two functions side by side.
const chosen = { f: DATA.function, g: null, own: new Map(), fresh: new Set(), vain: "" };
const sliderOf = (place) => DATA.sliders[place];

// ---- optimizers
// As in the pictures: a name's own colour and head, or a spare one that nobody here has yet.
function looksFor(rule, taken) {
  const free = (from, several, used) => [...several.slice(from), ...several.slice(0, from)].find((one) => !used.has(one)) ?? several[from];
  const head = rule.head ?? free(rule.firstHead, DATA.spareHeads, taken.heads);
  const place = DATA.spares.dark.indexOf(free(rule.first, DATA.spares.dark, taken.colours));
  const colours = rule.colours ?? { dark: DATA.spares.dark[place], light: DATA.spares.light[place] };
  taken.heads.add(head);
  taken.colours.add(colours.dark);
  return { head, colours };
}

function entrantFor(rule, option) {
  const { hyper, sliders, rule: code, text, explained } = rule.options[option];
  const taken = { heads: new Set(app.entrants.map((one) => one.head)), colours: new Set(app.entrants.map((one) => one.colours.dark)) };
  const facts = { name: text ?? rule.name, title: rule.title, hyper: { ...hyper }, rule: code, sliders: sliders.map(sliderOf), schedule: null, reason: "", diverged: null, explained: DATA.explained[explained] };
  const made = entrantOf({ ...facts, ...looksFor(rule, taken) });
  if (option > 0) made.title = `${rule.title}, ${rule.options[option].label}`;
  made.source = { rule, option };
  made.own = ownOf(made);
  return made;
}

function enter(name, option = 0) {
  const rule = DATA.optimizers.find((one) => one.name === name);
  if (!rule || option >= rule.options.length || app.entrants.length >= 12) return null;
  const made = entrantFor(rule, option);
  if (app.entrants.some((one) => one.name === made.name)) return null;
  app.entrants.push(made);
  return made;
}

function leave(entrant) {
  app.entrants = app.entrants.filter((one) => one !== entrant);
  app.scenes.forEach((scene) => scene.results.delete(entrant));
  offerBasins();
  after();
}

// In the row of each optimizer: which of its formulas and default sets, and a way out.
app.dressRow = (entrant, sliders, more) => {
  const { rule, option } = entrant.source, words = rule.options.map(({ label }) => label);
  if (words.length > 1) {
    const chooser = chooserOf(`variant and defaults of ${entrant.title}`, words, words[option], (word) => {
      const place = app.entrants.indexOf(entrant), made = entrantFor(rule, words.indexOf(word));
      if (app.entrants.some((one) => one !== entrant && one.name === made.name)) {
        chooser.value = words[option];
        return say(`${made.title} runs already.`);
      }
      Object.assign(made, { head: entrant.head, outline: entrant.outline, colours: entrant.colours });
      app.entrants[place] = made;
      app.scenes.forEach((scene) => scene.results.delete(entrant));
      tuneFresh([made]);
      offerBasins();
    });
    more.push(element("label", { className: "slider chooser" }, element("span", { textContent: "form" }), chooser));
    sliders.append(more[more.length - 1]);
  }
  const out = element("button", { type: "button", className: "out", textContent: "remove", "aria-label": `remove ${entrant.title}`, on: { click: () => leave(entrant) } });
  more.push(out);
  sliders.append(out);
};

// Runs that appear one after another, each with its fair rate; `given` have rates from a link.
function tuneFresh(several, given = new Set()) {
  const able = several.filter((entrant) => "lr" in entrant.hyper && !given.has(entrant.name));
  able.forEach((entrant) => chosen.fresh.add(entrant));
  several.filter((entrant) => !able.includes(entrant)).forEach((entrant) => app.scenes.forEach((scene) => scene.compute(entrant)));
  after();
  say(able.length ? `Tuning ${able.length} optimizer${able.length > 1 ? "s" : ""} from ${pointText(...first().start)} …` : "");
  tune(able, () => {
    able.forEach((entrant) => {
      entrant.hyper.lr = entrant.own.hyper.lr;
      chosen.fresh.delete(entrant);
    });
    refreshRows();
    remember();
    const { title, hazards } = first().world;
    const known = chosen.g ? `The rates on both are those tuned on ${title}.` : hazards ? `${title}: ${hazards}.` : "";
    say([chosen.vain, known].filter(Boolean).join(" "));
    chosen.vain = "";
    if (!calm && app.step >= app.steps) play(true);
  });
}

// ---- functions
for (const facts of DATA.functions) {
  Object.assign(facts, { gap: "f − f*", far: 1e6, floor: -1e-8 * Math.max(Math.abs(facts.minimum), 1), ...facts });
}

function factsOf(name) {
  if (!name.startsWith("=")) return DATA.functions.find((one) => one.name === name) ?? null;
  if (chosen.own.has(name)) return chosen.own.get(name);
  const [text, box] = name.slice(1).split("@"), view = finites(box ?? "-5,5,-5,5", 4, -1e6, 1e6);
  if (!view || view[0] >= view[1] || view[2] >= view[3]) throw new FormulaError("bounds are x0,x1,y0,y1, the lower ends first", 0);
  const code = typedFunction(text), low = lowestOf(code.value, view);
  if (!low) throw new FormulaError("it has no value within the bounds", 0);
  const start = usualStart(code, view, low);
  const facts = {
    name, title: "Your formula", formula: text, view, start, minimizers: [[low[1], low[2]]], local: [], minimum: low[0], gap: "f − lowest found", far: 1e6,
    floor: -1e-8 * Math.max(Math.abs(low[0]), 1), steps: 300, code,
  };
  chosen.own.set(name, facts);
  return facts;
}

const worldFor = (name) => {
  const facts = factsOf(name);
  return facts && worldOf(facts, facts.code ?? FUNCTIONS[name]());
};

// Show a function, and another one beside it if there is one.
function showFunctions(f, g, given = {}) {
  const [world, beside] = [worldFor(f), g ? worldFor(g) : null];
  if (!world) return;
  Object.assign(chosen, { f, g: beside ? g : null });
  app.basins = undefined;
  app.pinned = null;
  app.steps = world.steps;
  SCHEDULES = COURSES[world.steps] ?? COURSES[300];
  document.body.classList.toggle("two", Boolean(beside));
  app.scenes = [sceneA, ...(beside ? [sceneB] : [])];
  sceneA.turnTo(world);
  if (beside) sceneB.turnTo(beside);
  $("picked").textContent = beside ? `${world.title}  |  ${beside.title}` : world.title;
  document.querySelector(".formula").textContent = beside ? `${world.formula}   |   ${beside.formula}` : world.formula;
  document.querySelector(".count span:last-child").textContent = `/ ${app.steps}`;
  $("single").hidden = !beside;
  app.entrants.forEach((entrant) => (entrant.own = ownOf(entrant)));
  if (given.apply) given.apply();
  refreshRows();
  app.told = -1;
  seek(calm || given.step === undefined ? (calm ? app.steps : 0) : given.step);
  everything();
  $("where").value = first().start.map(plainNumber).join(", ");
  tuneFresh(app.entrants, given.rates ?? new Set());
  if (!calm && given.step === undefined) play(true);
}

// ---- dialogs
function dialog(id, label, ...inside) {
  const close = element("button", { type: "button", textContent: "close", className: "close", on: { click: () => box.close() } });
  const box = element("dialog", { id, "aria-label": label }, element("div", { className: "top" }, element("h2", { textContent: label }), close), ...inside);
  document.body.append(box);
  return box;
}

// A list in families with a field that searches it.
function searchable(items, families, cell, placeholder) {
  const count = element("p", { className: "note", role: "status", "aria-live": "polite" }), list = element("div", { className: "grid" });
  const field = element("input", { type: "text", placeholder, "aria-label": placeholder, autocomplete: "off" });
  const fill = () => {
    const wanted = field.value.trim().toLowerCase();
    const found = items.filter((one) => [one.name, one.title, one.family, one.formula, one.equation, one.hazards].some((text) => text?.toLowerCase().includes(wanted)));
    count.textContent = `${found.length} of ${items.length}`;
    list.replaceChildren(...families.flatMap((family) => {
      const members = found.filter((one) => one.family === family);
      return members.length ? [element("h3", { textContent: family }), ...members.map(cell)] : [];
    }));
  };
  field.addEventListener("input", fill);
  return { field, count, list, fill };
}

function functionDialog() {
  const families = [...new Set(DATA.functions.map((one) => one.family))];
  let beside = false;
  const pick = (name) => {
    box.close();
    if (beside) showFunctions(chosen.f, name);
    else showFunctions(name, null);
  };
  const cell = (one) => element("button", { type: "button", className: "cell", on: { click: () => pick(one.name) } }, element("b", { textContent: one.title }), element("span", { textContent: one.formula }));
  const { field, count, list, fill } = searchable(DATA.functions, families, cell, "search functions");
  const own = element("input", { type: "text", id: "own", "aria-label": "your own formula of x and y", placeholder: "your own: (1 - x)**2 + 100*(y - x**2)**2", autocomplete: "off", maxLength: 400 });
  const bounds = element("input", { type: "text", id: "own-bounds", "aria-label": "bounds of your formula: x0, x1, y0, y1", value: "-5, 5, -5, 5", autocomplete: "off" });
  const wrong = element("pre", { className: "bad", id: "own-wrong", role: "alert" });
  const take = () => {
    const name = `=${own.value.trim()}@${bounds.value.replaceAll(" ", "").replaceAll("−", "-")}`;
    try {
      factsOf(name);
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      wrong.textContent = `${own.value}\n${" ".repeat(error.at)}^ ${error.message}`;
      return;
    }
    wrong.textContent = "";
    pick(name);
  };
  own.addEventListener("keydown", (event) => event.key === "Enter" && take());
  const draw_ = element("button", { type: "button", id: "own-draw", textContent: "Draw it", on: { click: take } });
  const box = dialog("functions", "Functions", element("div", { className: "own" }, own, bounds, draw_), wrong, element("div", { className: "own" }, field, count), list);
  return (isBeside) => {
    beside = isBeside;
    box.querySelector("h2").textContent = isBeside ? "A function beside it" : "Functions";
    fill();
    box.showModal();
    field.focus();
  };
}

function optimizerDialog() {
  const families = [...new Set(DATA.optimizers.map((one) => one.family))];
  const cell = (rule) => {
    const inside = app.entrants.some((one) => one.source.rule === rule);
    return element("button", {
      type: "button", className: "cell", "aria-pressed": String(inside), on: {
        click: () => {
          const there = app.entrants.filter((one) => one.source.rule === rule);
          if (there.length) there.forEach(leave);
          else {
            const made = enter(rule.name);
            if (made) {
              offerBasins();
              tuneFresh([made]);
            } else say("Twelve optimizers are the most that one map can tell apart: remove one first.");
          }
          fill();
        },
      },
    }, element("b", { textContent: rule.title }), element("span", { textContent: rule.equation }));
  };
  const { field, count, list, fill } = searchable(DATA.optimizers, families, cell, "search optimizers");
  const box = dialog("optimizers", "Optimizers", element("div", { className: "own" }, field, count), list);
  return () => {
    fill();
    box.showModal();
    field.focus();
  };
}

// ---- "show me the command"
function command() {
  const [left, right] = app.scenes;
  return [commandOf(left, chosen.f, false), ...(right ? [commandOf(right, chosen.g, true)] : [])].join("\n");
}

// The command of one map; with `rates` it names the rates, which have been tuned on another one.
function commandOf({ world, start, moved }, shownName, rates) {
  const isOwn = shownName.startsWith("="), [text, box] = shownName.slice(1).split("@");
  const quoted = (words) => (/^[\w.@=:,+-]+$/.test(words) ? words : '"' + words.replace(/["\\$`]/g, "\\$&") + '"');
  const number = (value) => String(Number(value.toPrecision(12)));
  const written = app.entrants.filter((entrant) => !app.off.has(entrant.name)).map((entrant) => {
    const { name, source, hyper, own } = entrant, { variant, defaults } = source.rule.options[source.option], usual = source.rule.options[source.option].hyper;
    const said = Object.keys(own.hyper).filter((key) => key !== "lr" && own.hyper[key] !== usual[key]).map((key) => `${key}=${number(own.hyper[key])}`);
    const facts = [...(source.option > 0 ? [`variant=${variant}`, `defaults=${defaults}`] : []), ...said];
    if ("lr" in hyper && own.schedule !== "constant") facts.push(`lr=${own.schedule.replace("(", `(${number(own.hyper.lr)}, `).replace(/^(\w+)$/, `$1(${number(own.hyper.lr)})`)}`);
    else if ("lr" in hyper && (rates || app.noise || (own.hyper.lr !== hyper.lr && !chosen.fresh.has(entrant)))) facts.push(`lr=${number(own.hyper.lr)}`);
    return facts.length ? `${source.rule.name}(${facts.join(", ")})` : source.rule.name;
  });
  const isUsual = written.join() === DATA.usual.join();
  const parts = ["optviz", "animate", quoted(isOwn ? text : shownName), ...(isOwn && box ? [`--bounds=${box}`] : []), ...(isUsual ? [] : ["--optimizers", quoted(written.join(", "))])];
  if (app.steps !== world.steps) parts.push(`--steps=${app.steps}`);
  if (moved || isOwn) parts.push(`--start=${start.map(number).join(",")}`);
  if (app.noise) parts.push("--noise", `gaussian:${number(app.noise)}`, ...(app.seed ? ["--seed", String(app.seed)] : []));
  parts.push("-o", `${isOwn ? "formula" : world.name}.html`);
  return parts.join(" ");
}
app.linked = () => { document.querySelector(".command code").textContent = command(); };
app.chosen = () => {
  const several = app.entrants.map(({ source }) => source.rule.name + (source.option ? `:${source.option}` : "")).join(",");
  return { f: chosen.f === DATA.function ? null : chosen.f, g: chosen.g, o: several === DATA.usual.join(",") ? null : several };
};

let sceneA, sceneB;
function fromLink() {
  const names = { ...limits(), functions: DATA.functions.map((one) => one.name) };
  const before = readState(location.hash, names), wanted = before.optimizers ?? DATA.usual;
  const unknown = before.unknown ?? [];
  app.entrants = [];
  for (const text of wanted) {
    const [name, option] = text.split(":");
    const labels = DATA.optimizers.find((one) => one.name === name)?.options.map(({ label }) => label.split(", ")) ?? [];
    const named = labels.findIndex((label) => label.includes(option));  // adam:keras, or by number, as links have it
    if (!enter(name, named >= 0 ? named : Math.max(0, Math.floor(Number(option ?? 0)) || 0))) unknown.push(text);
  }
  if (!app.entrants.length) DATA.usual.forEach((name) => enter(name));
  offerBasins();
  const safe = (name) => {
    try {
      return name && factsOf(name) ? name : null;
    } catch {
      return null;
    }
  };
  const f = safe(before.f) ?? DATA.function, g = safe(before.g);
  for (const [asked, found] of [[before.f, f], [before.g, g]]) if (asked && asked !== found) unknown.push(asked);
  const world = factsOf(f), state = readState(location.hash, { ...limits(), functions: names.functions, steps: world.steps, far: world.far });
  app.theme = state.theme ?? app.theme;
  app.speed = state.speed ?? 1;
  $("speed").value = String(app.speed);
  const rates = new Set(Object.entries(state.own).filter(([, own]) => "lr" in own).map(([name]) => name));
  app.solid = Boolean(state.solid && sceneA.solid.able);
  document.body.classList.toggle("solid-on", app.solid);
  $("three").setAttribute("aria-pressed", String(app.solid));
  chosen.vain = unknown.length ? `Unknown here: ${unknown.join(", ").slice(0, 80)}.` : ""; // until all are tuned
  showFunctions(f, g, { apply: () => apply(state), rates, step: state.step });
}

function begin() {
  const copy = document.importNode($("scene"), true);
  copy.id = "scene-b";
  copy.querySelector("#three").remove();
  $("scene").after(copy);
  const curveB = element("div", { className: "curve", id: "curve-b" }, element("canvas", { "aria-hidden": "true" }));
  $("curve").after(curveB);
  const world = worldFor(DATA.function);
  SCHEDULES = COURSES[world.steps];
  sceneA = new Scene($("scene"), $("curve"), world);
  sceneB = new Scene(copy, curveB, world);
  app.scenes = [sceneA];
  const openFunctions = functionDialog(), openOptimizers = optimizerDialog();
  const button = (id, text, act, label = text) => element("button", { type: "button", id, textContent: text, "aria-label": label, on: { click: act } });
  document.querySelector("h1").replaceChildren(button("picked", "", () => openFunctions(false), "choose a function"));
  $("stories").append(button("pick", "Functions", () => openFunctions(false)), button("beside", "+ beside", () => openFunctions(true), "a second function beside it"),
    button("single", "× one function", () => showFunctions(chosen.f, null)), button("pick-rules", "Optimizers", openOptimizers));
  document.querySelector(".command").append(button("copy-command", "copy the command", () => copyText(command(), "The command is copied.")));
  listen();
  listenTo(sceneA);
  listenTo(sceneB);
  window.addEventListener("hashchange", () => location.hash.slice(1) !== app.link && fromLink());
  fromLink();
  document.documentElement.dataset.ready = "";
}
begin();
window.optviz = { app, first, chosen, simulate, seek, apply, readState, limits, typedFunction, showFunctions, command }; // for the curious
