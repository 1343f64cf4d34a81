// Controls: buttons, keys, pointers, stories.
function apply(state) {
  app.own = usual();
  app.off = new Set(state.off ?? []);
  app.start = state.start && Number.isFinite(world.height(...state.start)) ? state.start : [...DATA.function.start];
  app.view = state.view ?? null;
  app.noise = state.noise ?? 0;
  app.seed = state.seed ?? DATA.seed;
  app.basins = state.basins;
  app.field = null;
  for (const [name, own] of Object.entries(state.own ?? {})) {
    const { index, code } = entrants.find((entrant) => entrant.name === name), { schedule, ...hyper } = own;
    if (!code) continue;
    Object.assign(app.own[index].hyper, hyper);
    if (schedule) app.own[index].schedule = schedule;
  }
  if (state.theme) app.theme = state.theme;
  $("noise").value = app.noise || "";
  $("basin-of").value = app.basins ?? "";
}

const limits = () => ({
  steps: app.steps, far: world.far, functions: [], schedules: ["as it was", ...Object.keys(SCHEDULES)],
  entrants: new Map(entrants.map((entrant) => [entrant.name, Object.fromEntries(entrant.sliders.map(({ name, low, high }) => [name, [low, high]]))])),
});

function tip(px, py) {
  const box = $("tip");
  if (px === undefined) return void (box.hidden = true);
  const found = app.solid ? null : chart.nearest(px, py, app.runs, Math.floor(app.step)), lines = [];
  if (found) {
    const [{ run, title, entrant }, t] = found, [x, y] = [run.points[2 * t], run.points[2 * t + 1]], [gx, gy] = [run.gradients[2 * t], run.gradients[2 * t + 1]];
    lines.push(`${title}, step ${t}`, pointText(x, y), `${DATA.function.gap} = ${shown(run.values[t] - world.minimum)}`);
    if (Number.isFinite(gx)) {
      lines.push(`gradient ${pointText(gx, gy)}`);
      entrant.code.slots.forEach((slot, k) => lines.push(`${slot} ${pointText(run.states[run.width * t + 2 + 2 * k], run.states[run.width * t + 3 + 2 * k])}`));
    }
    if (t < run.end) {
      const [dx, dy] = [run.points[2 * t + 2] - x, run.points[2 * t + 3] - y], size = Math.hypot(gx, gy);
      lines.push(`next move ${pointText(dx, dy)}`);
      if (size > 0) lines.push(`effective rate ${shown(Math.hypot(dx, dy) / size, 3)}`);
    }
  } else {
    const [x, y] = chart.frame.back(px, py), value = world.height(x, y);
    lines.push(pointText(x, y), Number.isFinite(value) ? `f = ${shown(value)}` : "no value here");
  }
  box.replaceChildren(...lines.map((line, place) => element("div", { textContent: line, className: found && place === 0 ? "first" : "" })));
  box.hidden = false;
  const { clientWidth: wide, clientHeight: high } = $("map"), { offsetWidth: w, offsetHeight: h } = box;
  box.style.left = `${clamp(px + 16 + w > wide ? px - w - 16 : px + 16, 4, Math.max(4, wide - w - 4))}px`;
  box.style.top = `${clamp(py + 16 + h > high ? py - h - 16 : py + 16, 4, Math.max(4, high - h - 4))}px`;
}

// One pointer pans, or drags the start; two pinch; a short touch without a move sets the start.
function pointers(map) {
  const down = new Map();
  let began = null;
  const place = (event) => {
    const { left, top } = map.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  map.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    const at = place(event);
    down.set(event.pointerId, at);
    try { map.setPointerCapture(event.pointerId); } catch { /* a pointer that a script made up */ }
    const near = !app.solid && FUNCTION && Math.hypot(...chart.frame.at(...app.start).map((value, c) => value - at[c])) < 16;
    began = { at, view: [...viewNow()], dragging: near && down.size === 1, far: false, apart: null };
    if (down.size === 2) {
      const [[a, b], [c, d]] = [...down.values()];
      Object.assign(began, { apart: Math.hypot(a - c, b - d), middle: [(a + c) / 2, (b + d) / 2], far: true, dragging: false });
    }
    tip();
  });
  map.addEventListener("pointermove", (event) => {
    const at = place(event);
    if (!down.has(event.pointerId)) return event.pointerType === "mouse" && !event.target.closest("button") ? tip(...at) : undefined;
    down.set(event.pointerId, at);
    if (!began) return;
    const [dx, dy] = [at[0] - began.at[0], at[1] - began.at[1]];
    if (Math.hypot(dx, dy) > 5) began.far = true;
    if (!began.far) return;
    if (app.solid) {
      solid.turn(dx, dy, began);
      return draw();
    }
    if (began.dragging) return setStart(...chart.frame.back(...at));
    const { frame } = chart;
    if (down.size === 2 && began.apart) {
      const [[a, b], [c, d]] = [...down.values()], factor = began.apart / Math.max(Math.hypot(a - c, b - d), 1), from = frameOf(began.view, frame.wide, frame.high);
      const [x, y] = from.back(...began.middle), [x0, x1, y0, y1] = began.view;
      return setView([x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor]);
    }
    const [mx, my] = [(-dx / frame.wide) * frame.broad, (dy / frame.high) * frame.tall], [x0, x1, y0, y1] = began.view;
    setView([x0 + mx, x1 + mx, y0 + my, y1 + my]);
  });
  const up = (event) => {
    const at = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (at && began && !began.far && event.type === "pointerup" && !app.solid) setStart(...chart.frame.back(...at));
    if (began && !began.dragging && app.basins && began.far) flood();
    began = null;
  };
  map.addEventListener("pointerup", up);
  map.addEventListener("pointercancel", up);
  map.addEventListener("pointerleave", () => tip());
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    const factor = Math.exp(clamp(event.deltaY, -200, 200) / 400);
    if (app.solid) { solid.nearer(factor); draw(); } else zoom(factor, ...place(event));
  }, { passive: false });
}

function keys(event) {
  const tag = event.target.tagName, typing = tag === "SELECT" || (tag === "INPUT" && event.target.type === "text") || tag === "TEXTAREA";
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const pan = (dx, dy) => {
    const [x0, x1, y0, y1] = viewNow(), [w, h] = [(x1 - x0) * dx, (y1 - y0) * dy];
    setView([x0 + w, x1 + w, y0 + h, y1 + h]);
  };
  const onMap = event.target === $("map");
  const actions = {
    " ": () => tag !== "BUTTON" && tag !== "SUMMARY" && tag !== "A" && (play(!app.playing), true), ",": () => (play(false), seek(Math.ceil(app.step) - 1), true), ".": () => (play(false), seek(Math.floor(app.step) + 1), true),
    Home: () => (play(false), seek(0), true), End: () => (play(false), seek(app.steps), true), "+": () => (zoom(0.8), true), "=": () => (zoom(0.8), true), "-": () => (zoom(1.25), true), 0: () => (setView(null), true),
    ArrowLeft: () => onMap && (pan(-0.1, 0), true), ArrowRight: () => onMap && (pan(0.1, 0), true), ArrowUp: () => onMap && (pan(0, 0.1), true), ArrowDown: () => onMap && (pan(0, -0.1), true),
  };
  const ranged = tag === "INPUT" && event.target.type === "range" && ["Home", "End", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key);
  if (!ranged && Object.hasOwn(actions, event.key) && actions[event.key]()) event.preventDefault();
}

function stories() {
  const box = $("stories");
  DATA.stories.forEach((story, place) => {
    const button = element("button", { type: "button", className: "story", "aria-pressed": String(place === 0), textContent: story.title, title: story.text, on: {
      click: () => {
        [...box.children].forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
        tellStory(story);
      },
    } });
    box.append(button);
  });
}

function tellStory(story) {
  const own = {};
  if (story.scale || story.rate) {
    for (const entrant of entrants) {
      if ("lr" in entrant.hyper) own[entrant.name] = { lr: story.rate ?? entrant.hyper.lr * story.scale };
    }
  }
  apply({ start: story.start, noise: story.noise, own });
  app.told = -1;
  restart();
  look();
  say(story.text);
  seek(0);
  if (calm) seek(app.steps);
  else play(true);
}

// Everything that is drawn on one picture.
function savePicture() {
  const ratio = 2, map = $("map"), { clientWidth: wide, clientHeight: high } = map, curveHigh = $("curve").clientHeight, curveWide = $("curve").clientWidth;
  const canvas = document.createElement("canvas"), colours = theme(), width = wide + curveWide + 48, height = Math.max(high, curveHigh + 28 * entrants.length + 20) + 96;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = colours.page;
  context.fillRect(0, 0, width, height);
  context.fillStyle = colours.ink;
  context.font = `bold 22px ${FONT}`;
  context.fillText(DATA.title, 16, 34);
  context.font = `14px ${FONT}`;
  context.fillStyle = colours.muted;
  context.fillText(`${DATA.function.formula}    step ${Math.floor(app.step)} / ${app.steps}`, 16, 56, width - 32);
  for (const one of app.solid ? [$("solid"), $("heads3d")] : chart.canvases) context.drawImage(one, 16, 68, wide, high);
  context.drawImage($("curve-canvas"), wide + 32, 68, curveWide, curveHigh);
  context.font = `13px ${FONT}`;
  [...app.runs].reverse().filter((run) => !run.ghost).forEach((run, place) => {
    const y = 68 + curveHigh + 28 + 24 * place, told = standing(run.entrant.index, Math.floor(app.step));
    context.fillStyle = run.colour;
    context.fill(headPath(run.outline, wide + 42, y - 4, 6));
    context.fillStyle = colours.ink;
    context.fillText(run.title, wide + 58, y);
    context.textAlign = "right";
    context.fillText(told.text, wide + 32 + curveWide, y);
    context.fillStyle = colours.muted;
    const lr = app.own[run.entrant.index].hyper.lr;
    if (lr !== undefined) context.fillText(`lr ${shown(lr, 3)}`, wide + 32 + curveWide - 110, y);
    context.textAlign = "left";
  });
  context.fillStyle = colours.muted;
  context.font = `12px ${FONT}`;
  context.fillText(DATA.provenance, 16, height - 12, width - 32);
  canvas.toBlob((blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: `${DATA.function.name.replace(/[^\w-]+/g, "-") || "race"}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 5000);
  });
}

function copyLink() {
  const [base] = location.href.split("#"), link = app.link ? `${base}#${app.link}` : base, box = $("link");
  const fallback = () => {
    box.hidden = false;
    box.value = link;
    box.select();
    say("Copy the link from the field.");
  };
  keepState(app.link);
  if (navigator.clipboard) navigator.clipboard.writeText(link).then(() => say("The link is copied: it holds all that you changed."), fallback);
  else fallback();
}

function pin() {
  app.pinned = app.pinned ? null : entrants.map(({ index }) => ({ index, run: app.results[index] }));
  $("pin").setAttribute("aria-pressed", String(Boolean(app.pinned)));
  say(app.pinned ? "Pinned: these runs stay as pale ghosts beside what you change." : "");
  after();
}

function setSolid(on) {
  if (on && !(solid && solid.able)) return void say("This browser has no WebGL 2: the map stays flat.");
  app.solid = on;
  $("three").setAttribute("aria-pressed", String(on));
  $("map").classList.toggle("solid-on", on);
  if (on) solid.paths(app.runs, theme());
  look();
  remember();
}

function more() {
  const open = $("more").getAttribute("aria-expanded") !== "true";
  $("more").setAttribute("aria-expanded", String(open));
  $("more").textContent = open ? "fewer" : "more sliders";
  rows.forEach(({ row, fields, chooser }) => {
    fields.forEach((field) => { if (field.more) field.box.hidden = !open; });
    if (chooser) chooser.parentElement.hidden = !open;
    row.classList.toggle("open", open);
  });
}

function begin() {
  const state = readState(location.hash, limits());
  stories();
  $("basin-of").append(element("option", { value: "", textContent: "no basins" }), ...entrants.filter(({ code }) => code).map(({ name, title }) => element("option", { value: name, textContent: `basins of ${title}` })));
  apply(state);
  app.speed = state.speed ?? 1;
  const clicks = {
    play: () => play(!app.playing), tune: tuneHere, pin, more, save: savePicture, copy: copyLink, print: () => print(), three: () => setSolid(!app.solid),
    nearer: () => (app.solid ? (solid.nearer(0.8), draw()) : zoom(0.8)), farther: () => (app.solid ? (solid.nearer(1.25), draw()) : zoom(1.25)),
    home: () => { if (app.solid) solid.home(); setView(null); },
    theme: () => { app.theme = theme().name === "dark" ? "light" : "dark"; everything(); refreshRows(); remember(); },
    reset: () => { apply({}); app.pinned = null; $("pin").setAttribute("aria-pressed", "false"); restart(); look(); say(""); },
    reseed: () => { app.seed = (app.seed + 1) % 1e9; restart(); },
  };
  for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
  $("scrub").addEventListener("input", (event) => { play(false); seek(stepAt(event.target.value / 1000, app.steps)); });
  $("speed").addEventListener("change", (event) => { app.speed = Number(event.target.value); });
  $("noise").addEventListener("change", (event) => { app.noise = finite(event.target.value.trim(), 0, 1e6) ?? 0; event.target.value = app.noise || ""; restart(); });
  $("where").addEventListener("change", (event) => { const at = finites(event.target.value.replaceAll("−", "-"), 2, -world.far, world.far); if (at) setStart(...at); $("where").value = app.start.map(plainNumber).join(", "); });
  $("basin-of").addEventListener("change", (event) => { app.basins = event.target.value || undefined; flood(); remember(); });
  const curveBox = $("curve"), scrubTo = (event) => { play(false); seek(curve.step(event.clientX - curveBox.getBoundingClientRect().left)); };
  curveBox.addEventListener("pointerdown", (event) => { try { curveBox.setPointerCapture(event.pointerId); } catch { /* made up */ } scrubTo(event); });
  curveBox.addEventListener("pointermove", (event) => event.buttons && scrubTo(event));
  $("rows").addEventListener("pointerenter", () => (app.held = true));
  $("rows").addEventListener("pointerleave", () => { app.held = false; app.told = -1; draw(); });
  pointers($("map"));
  document.addEventListener("keydown", keys);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => { everything(); refreshRows(); });
  let sized = 0;
  new ResizeObserver(() => { clearTimeout(sized); sized = setTimeout(everything, 60); }).observe($("map"));
  window.addEventListener("hashchange", () => { if (location.hash.slice(1) !== app.link) { apply(readState(location.hash, limits())); restart(); look(); } });
  window.addEventListener("beforeprint", () => { app.before = app.theme; app.theme = "light"; everything(); refreshRows(); });
  window.addEventListener("afterprint", () => { app.theme = app.before; everything(); refreshRows(); });
  document.documentElement.dataset.theme = theme().name;
  computeAll();
  refreshRows();
  $("where").value = app.start.map(plainNumber).join(", ");
  if (state.solid) setSolid(true);
  else look();
  selfCheck();
  if (app.basins) flood();
  seek(state.step ?? (calm ? app.steps : 0));
  if (state.step === undefined && !calm) play(true);
  document.documentElement.dataset.ready = "";
}
begin();
window.optviz = { app, entrants, world, chart, solid, simulate, compute, seek, apply, readState, limits }; // for the curious
