// The gallery: cards that are found by words and kinds, and maps on which the race is run while somebody points at them.
const DATA = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const theme = { ...DATA.colours, name: DATA.theme, table: numbersOf(DATA.colours.ramp, Uint8Array) };
const cards = [...document.querySelectorAll("#cards > li")].map((box, place) => ({ ...DATA.cards[place], box, poster: box.querySelector(".poster") }));
const say = (text) => { $("said").textContent = text; };

// ---- races on posters: at most one is run at a time
const SPAN = 8; // seconds, as in the GIF

class Small extends Chart {
  axes() {} // a card is too small for ticks
}

let playing = null;

function worldOf({ facts, place }) {
  const world = { gap: "f − f*", far: 1e6, ...facts };
  const fn = FUNCTIONS[place]();
  return { ...world, fn, height: fn.value, global: world.minimizers };
}

// The runs of a card, the best one last, so that it lies on top.
function runsOf(card, world) {
  const runs = DATA.optimizers.map(({ name, title, hyper, colour, head, dash }, i) => {
    const entrant = { rule: RULES[i], hyper: { ...hyper, lr: card.live.rates[i] }, schedules: null, noise: null };
    return { name, title, colour, dash, outline: DATA.heads[head], run: simulate(world, entrant, world.start, world.steps) };
  });
  const end = ({ run: { diverged, values } }) => (diverged ? Infinity : values[world.steps]);
  return runs.sort((a, b) => end(b) - end(a));
}

function play(card) {
  if (calm || !card.live || playing?.card === card) return;
  stop();
  const world = worldOf(card.live), runs = runsOf(card, world), badge = element("span", { className: "badge" });
  const box = element("div", { className: "live", "aria-hidden": "true" });
  card.poster.append(box, badge);
  // In the lengths of a poster and scaled as it is, so that no trail changes its width when the race begins.
  box.style.setProperty("--scale", card.poster.clientWidth / box.clientWidth);
  const chart = new Small(box, ["x", "y"]), turn = { card, chart, step: 0, parts: [box, badge] };
  const marks = { minimizers: world.global, local: world.local, start: world.start, star: DATA.heads.star, arrow: DATA.heads.rim };
  chart.look(world, world.view, theme);
  playing = turn;
  let before = null, time = 0;
  const frame = (now) => {
    if (playing !== turn) return;
    if (before !== null) time = Math.min(1, time + (now - before) / 1000 / SPAN);
    before = now;
    turn.step = stepAt(time, world.steps);
    chart.show(runs, turn.step, marks, null);
    badge.textContent = `step ${Math.floor(turn.step + 1e-9)} / ${world.steps}`;
    if (time < 1) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function stop(card = playing?.card) {
  if (!playing || playing.card !== card) return;
  playing.chart.shading.job++; // what is left of its map is not computed
  playing.parts.forEach((part) => part.remove());
  playing = null;
}

// An animation takes the place of its poster after a click, and leaves it after another.
function turnOn(card, event) {
  event.preventDefault();
  const shown = card.poster.querySelector(".moving"), image = card.poster.querySelector("img");
  card.poster.querySelector(".badge").hidden = !shown;
  if (shown) return shown.remove();
  card.poster.append(element("img", { className: "moving", src: card.animation, alt: "", width: image.width, height: image.height }));
}

for (const card of cards) {
  const { poster } = card;
  if (card.live) {
    poster.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && play(card));
    poster.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && stop(card));
    poster.addEventListener("focus", () => poster.matches(":focus-visible") && play(card));
    poster.addEventListener("blur", () => stop(card));
    let touched = false;
    poster.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; });
    poster.addEventListener("click", (event) => {
      if (!touched || calm || playing?.card === card) return; // the second tap follows the link
      event.preventDefault();
      play(card);
    });
  } else if (card.animation) {
    poster.append(element("span", { className: "badge", textContent: "▶ play" }));
    poster.addEventListener("click", (event) => turnOn(card, event));
  }
  const copy = card.box.querySelector(".copy"), command = card.box.querySelector("code");
  copy.hidden = false;
  copy.addEventListener("click", () => copied(command));
}

// Where the clipboard is closed to pages, the command is selected for the reader to copy.
async function copied(command) {
  try {
    await navigator.clipboard.writeText(command.textContent);
    say("The command is copied.");
  } catch {
    getSelection().selectAllChildren(command);
    say("The command is selected: copy it.");
  }
  setTimeout(() => say(""), 4000);
}

// ---- what is shown
const CHOICES = ["kind", "family", "optimizer"];
const chosen = { q: "", kind: "", family: "", optimizer: "", theme: "" };
const options = Object.fromEntries(CHOICES.map((name) => [name, new Map(DATA.choices[name])]));

function fits(card) {
  const words = chosen.q.toLowerCase().split(/\s+/).filter(Boolean);
  const kinds = (!chosen.kind || card.kind === chosen.kind) && (!chosen.family || card.family === chosen.family);
  return kinds && (!chosen.optimizer || card.optimizers.includes(chosen.optimizer)) && words.every((word) => card.words.includes(word));
}

function show() {
  let count = 0;
  for (const card of cards) {
    const is = fits(card);
    if (!is) stop(card);
    card.box.hidden = !is;
    count += is;
  }
  $("count").textContent = count === cards.length ? `${count} pictures` : `${count} of ${cards.length} pictures`;
  $("q").value = chosen.q;
  for (const name of CHOICES) $(name).value = chosen[name];
  const root = document.documentElement;
  if (chosen.theme) root.dataset.theme = chosen.theme;
  else delete root.dataset.theme;
}

// Everything behind the # is checked; what is unknown is as if it were not there.
function readChosen(fragment) {
  const found = { q: "", kind: "", family: "", optimizer: "", theme: "" };
  for (const pair of String(fragment).replace(/^#/, "").slice(0, 2000).split("&")) {
    const cut = pair.indexOf("=");
    let key, text;
    try {
      [key, text] = [pair.slice(0, Math.max(cut, 0)), decodeURIComponent(pair.slice(cut + 1))];
    } catch {
      continue;
    }
    if (key === "q") found.q = text.slice(0, 100);
    else if (key === "theme") found.theme = ["dark", "light"].includes(text) ? text : "";
    else if (CHOICES.includes(key)) found[key] = options[key].has(text) ? text : "";
  }
  return found;
}

function choose(more) {
  Object.assign(chosen, more);
  show();
  keepState(writeState(Object.fromEntries(Object.entries(chosen).filter(([, text]) => text))));
}

function begin() {
  const names = { kind: "every kind", family: "every family", optimizer: "every optimizer" };
  for (const name of CHOICES) {
    const rows = [["", names[name]], ...options[name]];
    $(name).append(...rows.map(([value, textContent]) => element("option", { value, textContent })));
    $(name).addEventListener("change", (event) => choose({ [name]: event.target.value }));
  }
  $("q").addEventListener("input", (event) => choose({ q: event.target.value }));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", (event) => {
    event.preventDefault();
    choose({ q: "", kind: "", family: "", optimizer: "" });
  });
  $("theme").addEventListener("click", () => {
    const isLight = chosen.theme ? chosen.theme === "light" : matchMedia("(prefers-color-scheme: light)").matches;
    choose({ theme: isLight ? "dark" : "light" });
  });
  window.addEventListener("hashchange", () => {
    Object.assign(chosen, readChosen(location.hash));
    show();
  });
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  $("filters").hidden = $("theme").hidden = false;
  Object.assign(chosen, readChosen(location.hash));
  show();
  document.documentElement.dataset.ready = "";
}
begin();
window.optviz = { cards, chosen, play, stop, readChosen, simulate, runsOf, worldOf, playing: () => playing }; // for the curious
