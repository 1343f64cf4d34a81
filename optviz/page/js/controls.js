// Controls: buttons, keys, pointers, stories.
function apply(state) {
  const scene = first();
  app.entrants.forEach((entrant) => (entrant.own = ownOf(entrant)));
  app.off = new Set(state.off ?? []);
  scene.start = state.start && Number.isFinite(scene.world.height(...state.start)) ? state.start : [...scene.world.start];
  scene.view = state.view ?? null;
  scene.field = null;
  app.noise = state.noise ?? usualNoise;
  app.seed = state.seed ?? DATA.seed;
  app.basins = state.basins;
  for (const [name, { schedule, ...hyper }] of Object.entries(state.own ?? {})) {
    const entrant = app.entrants.find((one) => one.name === name);
    if (!entrant?.code) continue;
    Object.assign(entrant.own.hyper, hyper);
    if (schedule) entrant.own.schedule = schedule;
  }
  if (state.theme) app.theme = state.theme;
  $("noise").value = app.noise || "";
  $("basin-of").value = app.basins ?? "";
}

// What a fragment may say: see `readState`.
const limits = () => ({
  steps: app.steps, far: first().world.far, functions: app.functionNames ?? [], schedules: ["as it was", ...Object.keys(SCHEDULES)],
  entrants: new Map(app.entrants.map((entrant) => [entrant.name, Object.fromEntries(entrant.sliders.map(({ name, low, high }) => [name, [low, high]]))])),
});

function tip(scene, px, py) {
  const box = scene.box.querySelector(".tip"), { chart, world } = scene;
  if (px === undefined || app.solid) return void (box.hidden = true);
  const found = chart.nearest(px, py, scene.runs, Math.floor(app.step)), lines = [];
  if (found) {
    const [{ run, title, entrant }, t] = found, [x, y] = [run.points[2 * t], run.points[2 * t + 1]], [gx, gy] = [run.gradients[2 * t], run.gradients[2 * t + 1]];
    lines.push(`${title}, ${stepName} ${t}`, pointText(x, y), `${world.gap} = ${shown(run.values[t] - world.minimum)}`);
    if (Number.isFinite(gx)) {
      lines.push(`gradient ${pointText(gx, gy)}`);
      entrant.code.slots.forEach((slot, k) => lines.push(`${slot} ${pointText(run.states[run.width * t + 2 + 2 * k], run.states[run.width * t + 3 + 2 * k])}`));
    }
    if (t < (run.diverged || run.steps)) {
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
  const { wide, high } = chart.frame, { offsetWidth: w, offsetHeight: h } = box;
  box.style.left = `${clamp(px + 16 + w > wide ? px - w - 16 : px + 16, 4, Math.max(4, wide - w - 4))}px`;
  box.style.top = `${clamp(py + 16 + h > high ? py - h - 16 : py + 16, 4, Math.max(4, high - h - 4))}px`;
}

// One pointer pans, or drags the start; two pinch; a short touch without a move sets the start.
function pointers(scene) {
  const map = scene.box.querySelector(".map"), { chart, solid } = scene;
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
    const near = !app.solid && scene.world.fn && Math.hypot(...chart.frame.at(...scene.start).map((value, c) => value - at[c])) < 16;
    began = { at, view: [...scene.seen], dragging: near && down.size === 1, far: false, apart: null };
    if (down.size === 2) {
      const [[a, b], [c, d]] = [...down.values()];
      Object.assign(began, { apart: Math.hypot(a - c, b - d), middle: [(a + c) / 2, (b + d) / 2], far: true, dragging: false });
    }
    tip(scene);
  });
  map.addEventListener("pointermove", (event) => {
    const at = place(event);
    if (!down.has(event.pointerId)) return event.pointerType === "mouse" && !event.target.closest("button") ? tip(scene, ...at) : undefined;
    down.set(event.pointerId, at);
    if (!began) return;
    const [dx, dy] = [at[0] - began.at[0], at[1] - began.at[1]];
    if (Math.hypot(dx, dy) > 5) began.far = true;
    if (!began.far) return;
    if (app.solid) {
      solid.turn(dx, dy, began);
      return draw();
    }
    if (began.dragging) return scene.setStart(...chart.frame.back(...at));
    const { frame } = chart;
    if (down.size === 2 && began.apart) {
      const [[a, b], [c, d]] = [...down.values()], factor = began.apart / Math.max(Math.hypot(a - c, b - d), 1), from = frameOf(began.view, frame.wide, frame.high);
      const [x, y] = from.back(...began.middle), [x0, x1, y0, y1] = began.view;
      return scene.setView([x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor]);
    }
    const [mx, my] = [(-dx / frame.wide) * frame.broad, (dy / frame.high) * frame.tall], [x0, x1, y0, y1] = began.view;
    scene.setView([x0 + mx, x1 + mx, y0 + my, y1 + my]);
  });
  const up = (event) => {
    const at = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (at && began && !began.far && event.type === "pointerup" && !app.solid) scene.setStart(...chart.frame.back(...at));
    if (began && !began.dragging && app.basins && began.far) flood();
    began = null;
  };
  map.addEventListener("pointerup", up);
  map.addEventListener("pointercancel", up);
  map.addEventListener("pointerleave", () => tip(scene));
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    const factor = Math.exp(clamp(event.deltaY, -200, 200) / 400);
    if (app.solid) { solid.nearer(factor); draw(); } else scene.zoom(factor, ...place(event));
  }, { passive: false });
}

function keys(event) {
  const { target } = event, tag = target.tagName, typing = tag === "SELECT" || tag === "TEXTAREA" || (tag === "INPUT" && target.type === "text");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const scene = app.scenes.find(({ box }) => box.contains(target)) ?? first(), onMap = target.classList?.contains("map");
  const pan = (dx, dy) => {
    const [x0, x1, y0, y1] = scene.seen, [w, h] = [(x1 - x0) * dx, (y1 - y0) * dy];
    scene.setView([x0 + w, x1 + w, y0 + h, y1 + h]);
  };
  const go = (step) => { play(false); seek(step); };
  const anywhere = {
    ",": () => go(Math.ceil(app.step) - 1), ".": () => go(Math.floor(app.step) + 1), Home: () => go(0), End: () => go(app.steps),
    "+": () => scene.zoom(0.8), "=": () => scene.zoom(0.8), "-": () => scene.zoom(1.25), 0: () => scene.setView(null),
  };
  const moving = { ArrowLeft: () => pan(-0.1, 0), ArrowRight: () => pan(0.1, 0), ArrowUp: () => pan(0, 0.1), ArrowDown: () => pan(0, -0.1) };
  const isRange = tag === "INPUT" && target.type === "range";
  let act = null;
  if (event.key === " ") act = ["BUTTON", "SUMMARY", "A"].includes(tag) ? null : () => play(!app.playing);
  else if (Object.hasOwn(anywhere, event.key)) act = isRange && ["Home", "End"].includes(event.key) ? null : anywhere[event.key];
  else if (onMap && Object.hasOwn(moving, event.key)) act = moving[event.key];
  if (!act) return;
  act();
  event.preventDefault();
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
    for (const entrant of app.entrants) {
      if ("lr" in entrant.hyper) own[entrant.name] = { lr: story.rate ?? entrant.hyper.lr * story.scale };
    }
  }
  apply({ start: story.start, noise: story.noise, own });
  restart();
  everything();
  say(story.text);
  seek(0);
  if (calm) seek(app.steps);
  else play(true);
}

// Everything that is drawn on one picture.
function savePicture() {
  const ratio = 2, scene = first(), { clientWidth: wide, clientHeight: high } = scene.box.querySelector(".map"), { clientWidth: curveWide, clientHeight: curveHigh } = scene.curveBox;
  const shown_ = [...scene.runs].reverse().filter((run) => !run.ghost), canvas = document.createElement("canvas"), colours = theme();
  const width = wide + curveWide + 48, height = Math.max(high, curveHigh + 24 * shown_.length + 28) + 96, context = canvas.getContext("2d");
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  context.scale(ratio, ratio);
  context.fillStyle = colours.page;
  context.fillRect(0, 0, width, height);
  const write = (text, x, y, font, colour, most) => {
    context.font = `${font} ${FONT}`;
    context.fillStyle = colour;
    context.fillText(text, x, y, most);
  };
  write(scene.world.title, 16, 34, "bold 22px", colours.ink);
  write(`${scene.world.formula}    ${stepName} ${Math.floor(app.step)} / ${app.steps}`, 16, 56, "14px", colours.muted, width - 32);
  for (const one of app.solid ? [scene.solid.canvas, scene.solid.heads] : scene.chart.canvases) context.drawImage(one, 16, 68, wide, high);
  context.drawImage(scene.curve.canvas, wide + 32, 68, curveWide, curveHigh);
  shown_.forEach((run, place) => {
    const y = 68 + curveHigh + 28 + 24 * place, { lr } = run.entrant.own.hyper;
    context.fillStyle = run.colour;
    context.fill(headPath(run.outline, wide + 42, y - 4, 6));
    write(run.title, wide + 58, y, "13px", colours.ink);
    context.textAlign = "right";
    write(standing(scene, run.entrant, Math.floor(app.step)).text, wide + 32 + curveWide, y, "13px", colours.ink);
    if (lr !== undefined) write(`lr ${shown(lr, 3)}`, wide + 32 + curveWide - 110, y, "13px", colours.muted);
    context.textAlign = "left";
  });
  write(DATA.provenance, 16, height - 12, "12px", colours.muted, width - 32);
  canvas.toBlob((blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: `${scene.world.name.replace(/[^\w-]+/g, "-").slice(0, 60) || "race"}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 5000);
  });
}

function copyText(text, told) {
  const box = $("link"), fallback = () => {
    box.hidden = false;
    box.value = text;
    box.select();
    say("Copy it from the field.");
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => say(told), fallback);
  else fallback();
}

function copyLink() {
  const [base] = location.href.split("#");
  keepState(app.link);
  copyText(app.link ? `${base}#${app.link}` : base, "The link is copied: it holds all that you changed.");
}

function pin() {
  app.pinned = app.pinned ? null : new Map(app.scenes.map((scene) => [scene, [...scene.results]]));
  $("pin").setAttribute("aria-pressed", String(Boolean(app.pinned)));
  say(app.pinned ? "Pinned: these runs stay as pale ghosts beside what you change." : "");
  after();
}

function setSolid(on) {
  if (on && !first().solid.able) return void say("This browser has no WebGL 2: the map stays flat.");
  app.solid = on;
  $("three").setAttribute("aria-pressed", String(on));
  document.body.classList.toggle("solid-on", on);
  everything();
  remember();
}

function more() {
  app.open = !app.open;
  $("more").setAttribute("aria-expanded", String(app.open));
  $("more").textContent = app.open ? "fewer sliders" : "more sliders";
  for (const { row } of app.entrants) row.more.forEach((box) => (box.hidden = !app.open));
}

function offerBasins() {
  const able = app.entrants.filter(({ code }) => code);
  $("basin-of").replaceChildren(element("option", { value: "", textContent: "no basins" }), ...able.map(({ name, title }) => element("option", { value: name, textContent: `basins of ${title}` })));
}

function listen() {
  const clicks = {
    play: () => play(!app.playing), tune: tuneHere, pin, more, save: savePicture, copy: copyLink, print: () => print(), three: () => setSolid(!app.solid),
    theme: () => { app.theme = theme().name === "dark" ? "light" : "dark"; everything(); remember(); },
    reset: () => { apply({}); app.pinned = null; $("pin").setAttribute("aria-pressed", "false"); restart(); everything(); say(""); },
    reseed: () => { app.seed = (app.seed + 1) % 1e9; restart(); },
  };
  for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
  $("scrub").addEventListener("input", (event) => { play(false); seek(stepAt(event.target.value / 1000, app.steps)); });
  $("speed").addEventListener("change", (event) => { app.speed = Number(event.target.value); });
  $("noise").addEventListener("change", (event) => { app.noise = finite(event.target.value.trim(), 0, 1e6) ?? 0; event.target.value = app.noise || ""; restart(); });
  $("where").addEventListener("change", (event) => {
    const { world, start } = first(), at = finites(event.target.value.replaceAll("−", "-"), 2, -world.far, world.far);
    if (at) first().setStart(...at);
    else event.target.value = start.map(plainNumber).join(", ");
  });
  $("basin-of").addEventListener("change", (event) => { app.basins = event.target.value || undefined; flood(); remember(); });
  $("rows").addEventListener("pointerenter", () => (app.held = true));
  $("rows").addEventListener("pointerleave", () => { app.held = false; app.told = -1; draw(); });
  $("explain").addEventListener("toggle", explained);
  document.addEventListener("keydown", keys);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", everything);
  let sized = 0;
  const resized = new ResizeObserver(() => { clearTimeout(sized); sized = setTimeout(everything, 60); });
  document.querySelectorAll(".map").forEach((map) => resized.observe(map));
  window.addEventListener("beforeprint", () => { app.before = app.theme; app.theme = "light"; everything(); });
  window.addEventListener("afterprint", () => { app.theme = app.before; everything(); });
}

// What belongs to one scene: its map, its buttons, its curve.
function listenTo(scene) {
  const { box, curveBox } = scene, near = (factor) => () => { if (app.solid) { scene.solid.nearer(factor); draw(); } else scene.zoom(factor); };
  box.querySelector(".nearer").addEventListener("click", near(0.8));
  box.querySelector(".farther").addEventListener("click", near(1.25));
  box.querySelector(".home").addEventListener("click", () => { scene.solid.home(); scene.setView(null); });
  const scrub = (event) => { play(false); seek(scene.curve.step(event.clientX - curveBox.getBoundingClientRect().left)); };
  curveBox.addEventListener("pointerdown", (event) => { try { curveBox.setPointerCapture(event.pointerId); } catch { /* a pointer that a script made up */ } scrub(event); });
  curveBox.addEventListener("pointermove", (event) => event.buttons && scrub(event));
  pointers(scene);
}
