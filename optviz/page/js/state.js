// What a link remembers: everything behind the # is checked, and what is out of range is as if it were not there.
const finite = (text, low, high) => {
  const value = text === "" || text === null || text === undefined ? NaN : Number(text);
  return value >= low && value <= high ? value : null;
};
const finites = (text, count, low, high) => {
  const parts = String(text).split(",").map((part) => finite(part, low, high));
  return parts.length === count && parts.every((part) => part !== null) ? parts : null;
};

// `entrants`: what can be said of each, by name. `ranges(name, key)` gives the range of a hyperparameter, or null.
function readState(fragment, { steps, far, entrants, functions, schedules }) {
  const found = { own: {} };
  for (const pair of String(fragment).replace(/^#/, "").slice(0, 20000).split("&")) {
    const cut = pair.indexOf("=");
    let key, text;
    try {
      [key, text] = [decodeURIComponent(cut < 0 ? pair : pair.slice(0, cut)), decodeURIComponent(cut < 0 ? "" : pair.slice(cut + 1))];
    } catch {
      continue;
    }
    if (key === "start") found.start = finites(text, 2, -far, far) ?? undefined;
    else if (key === "step") found.step = finite(text, 0, steps) ?? undefined;
    else if (key === "off") found.off = text.split(",").filter((name) => entrants.has(name));
    else if (key === "view") {
      const view = finites(text, 4, -1e12, 1e12);
      if (view && view[1] - view[0] > 1e-12 * Math.max(1, Math.abs(view[0])) && view[3] - view[2] > 1e-12 * Math.max(1, Math.abs(view[2]))) found.view = view;
    } else if (key === "theme") found.theme = ["dark", "light"].includes(text) ? text : undefined;
    else if (key === "3d") found.solid = true;
    else if (key === "noise") found.noise = finite(text, 0, 1e6) ?? undefined;
    else if (key === "seed") found.seed = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    else if (key === "speed") found.speed = [0.25, 0.5, 1, 2, 4].find((speed) => speed === Number(text));
    else if (key === "basins") found.basins = entrants.has(text) ? text : undefined;
    else if (key === "f" || key === "g") {
      if (functions.includes(text) || text.startsWith("=")) found[key] = text.slice(0, 500);
      else (found.unknown ??= []).push(text.slice(0, 40));
    } else if (key === "o") found.optimizers = text.split(",").slice(0, 40);
    else if (entrants.has(key)) {
      const own = {};
      for (const part of text.split(",")) {
        const [name, value] = part.split(":");
        if (name === "schedule") {
          if (schedules.includes(value)) own.schedule = value;
          continue;
        }
        const range = entrants.get(key)[name], number = range && finite(value, range[0], range[1]);
        if (range && number !== null) own[name] = number;
      }
      found.own[key] = own;
    }
  }
  return found;
}

function writeState(parts) {
  const said = Object.entries(parts).filter(([, value]) => value !== undefined && value !== null && value !== false);
  return said.map(([key, value]) => (value === true ? key : `${encodeURIComponent(key)}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%3A", ":")}`)).join("&");
}

// A notebook's frame may forbid it; then links are not kept up to date, and nothing else is lost.
function keepState(text) {
  try {
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  } catch {
    return;
  }
}
