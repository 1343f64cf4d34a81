// Runs of optimizers on test functions, as the kernels compute them: one loop for every rule.

// A rule: what it keeps and how it steps. `step` changes the state `s`: the point, then each slot for both coordinates.
function ruleOf(facts) {
  const rule = { slots: [], begins: [], shown: -1, value: false, timed: false, ...facts }, move = facts.call(facts.update), count = rule.slots.length;
  rule.parts = facts.call(facts.columns);
  const passes = (facts.passes || []).map(([terms, joins]) => [facts.call(terms), joins]);
  // What the rule sums over both coordinates; those of a later pass may need those of an earlier one.
  rule.sums = (s, gx, gy, f, c, h) => {
    const w = [];
    for (const [terms, joins] of passes) {
      const a = terms(s, 0, gx, f, c, h, w), b = terms(s, 1, gy, f, c, h, w);
      joins.forEach((join, k) => w.push(join(a[k], b[k])));
    }
    return w;
  };
  rule.step = (s, gx, gy, f, c, h) => {
    const w = rule.sums(s, gx, gy, f, c, h);
    for (let i = 0; i < 2; i++) {
      const after = move(s, i, i ? gy : gx, f, c, h, w);
      if (count === 0) s[i] = after;
      else for (let k = 0; k <= count; k++) s[2 * k + i] = after[k];
    }
  };
  return rule;
}

// The hyperparameters of a step: a schedule scales one of them. `share` is the factor of the learning rate.
const SHARE = "lr_share";

function course(rule, hyper, schedules, steps) {
  // What each step is given: hyperparameters and step scalars by name. One object serves all steps where none changes.
  const names = Object.keys(schedules || {}), scheduled = names.length > 0;
  const constant = !scheduled && !rule.timed;
  const hypers = [], scalars = [];
  let before = null;
  for (let t = 1; t <= (constant ? 1 : steps); t++) {
    let h = hyper;
    if (scheduled) {
      h = { ...hyper };
      for (const name of names) {
        const factor = schedules[name][Math.min(t, schedules[name].length) - 1];
        h[name] = hyper[name] * factor;
        if (name === "lr") h[SHARE] = factor;
      }
    }
    hypers.push(h);
    before = rule.scalars(t, h, before);
    scalars.push(before);
  }
  const at = constant ? () => 0 : (t) => t - 1;
  return { h: (t) => hypers[constant || !scheduled ? 0 : at(t)], c: (t) => scalars[at(t)] };
}

function beginning(rule, hyper, x, y) {
  const state = new Float64Array(2 + 2 * rule.slots.length);
  state[0] = x;
  state[1] = y;
  rule.begins.forEach((begin, slot) => {
    const given = begin === "x" ? [x, y] : typeof begin === "string" ? [hyper[begin], hyper[begin]] : [begin, begin];
    state.set(given, 2 + 2 * slot);
  });
  return state;
}

const lost = (state, far) => !(Math.abs(state[0]) <= far && Math.abs(state[1]) <= far);

// A run with everything that a reader may ask about it: points, values, gradients, states before each step.
function simulate(world, entrant, start, steps) {
  const { fn, far } = world, { rule, hyper, schedules, noise } = entrant;
  const plan = course(rule, hyper, schedules, steps), width = 2 + 2 * rule.slots.length;
  const points = new Float64Array(2 * (steps + 1)).fill(NaN), values = new Float64Array(steps + 1).fill(NaN);
  const gradients = new Float64Array(2 * (steps + 1)).fill(NaN);
  const states = new Float64Array(width * (steps + 1)).fill(NaN);
  const state = beginning(rule, hyper, start[0], start[1]), shown = 2 + 2 * rule.shown;
  let diverged = 0;
  for (let t = 0; t <= steps; t++) {
    const at = rule.shown < 0 ? 0 : shown;
    const f = rule.shown < 0 || rule.value ? fn.value(state[0], state[1]) : 0;
    states.set(state, width * t);
    points[2 * t] = state[at];
    points[2 * t + 1] = state[at + 1];
    values[t] = rule.shown < 0 ? f : fn.value(state[at], state[at + 1]);
    if (lost(state, far) || (at && lost(state.subarray(at), far))) {
      diverged = t;
      break;
    }
    let [gx, gy] = fn.gradient(state[0], state[1]);
    if (noise) {
      gx = noise(gx, t + 1, 0);
      gy = noise(gy, t + 1, 1);
    }
    gradients[2 * t] = gx;
    gradients[2 * t + 1] = gy;
    if (t < steps) rule.step(state, gx, gy, f, plan.c(t + 1), plan.h(t + 1));
  }
  return { points, values, gradients, states, width, diverged, plan, steps };
}

// A run of which only f at each iterate is wanted; f is NaN after a divergence.
function heights(world, rule, hyper, plan, x, y, steps, into) {
  const { fn, far } = world, state = beginning(rule, hyper, x, y), at = rule.shown < 0 ? 0 : 2 + 2 * rule.shown;
  into.fill(NaN);
  for (let t = 0; t <= steps; t++) {
    const f = at === 0 || rule.value ? fn.value(state[0], state[1]) : 0;
    into[t] = at === 0 ? f : fn.value(state[at], state[at + 1]);
    if (lost(state, far)) return;
    if (t === steps) return;
    const g = fn.gradient(state[0], state[1]);
    rule.step(state, g[0], g[1], f, plan.c(t + 1), plan.h(t + 1));
  }
}

// Fair learning rates: `optviz.runs.points.tuning`, for one optimizer. Calls `pause` between rates.
const DECADE = 6, GRID = 49, BELOW = 36, ADDED = 6, SETTLING = 20, EQUAL = 1e-8;
const rateAt = (place) => Number((10 ** (place / DECADE)).toExponential(1));
const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

function firstMove(world, entrant, start) {
  const { fn } = world, { rule } = entrant, hyper = { ...entrant.hyper, lr: 1 };
  const schedules = { ...entrant.schedules };
  delete schedules.lr;
  const plan = course(rule, hyper, schedules, 64), state = beginning(rule, hyper, start[0], start[1]);
  const f = fn.value(start[0], start[1]), [gx, gy] = fn.gradient(start[0], start[1]);
  for (let t = 1; t <= 64; t++) {
    rule.step(state, gx, gy, f, plan.c(t), plan.h(t));
    if (state[0] !== start[0] || state[1] !== start[1]) break;
  }
  return Math.hypot(state[0] - start[0], state[1] - start[1]);
}

function judged(world, entrant, rate, starts, steps, values) {
  const hyper = { ...entrant.hyper, lr: rate }, plan = course(entrant.rule, hyper, entrant.schedules, steps);
  const gaps = [], arrivals = [], tail = Math.max(Math.floor(steps / SETTLING), 1);
  for (const [x, y] of starts) {
    heights(world, entrant.rule, hyper, plan, x, y, steps, values);
    const nothing = EQUAL * Math.min(values[0] - world.minimum, 1);
    let worst = -Infinity, isLost = false;
    for (let t = steps + 1 - tail; t <= steps; t++) {
      const gap = values[t] - world.minimum;
      if (!Number.isFinite(gap) || gap < world.floor) isLost = true;
      worst = Math.max(worst, gap);
    }
    let since = steps + 1;
    while (since > 0 && values[since - 1] - world.minimum <= nothing) since--;
    gaps.push(isLost ? Infinity : Math.max(worst, nothing));
    arrivals.push(isLost ? steps + 1 : since);
  }
  return [median(gaps), median(arrivals)];
}

function bestOf(rows) {
  const order = (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]), ranks = [];
  const sorted = rows.map((row, i) => [row, i]).sort((a, b) => order(a[0], b[0]));
  let rank = -1;
  sorted.forEach(([row, i], k) => {
    if (k === 0 || order(sorted[k - 1][0], row) !== 0) rank++;
    ranks[i] = rank;
  });
  const beside = ranks.map((own, i) => Math.max(own, Math.min(ranks[i - 1] ?? rank + 1, ranks[i + 1] ?? rank + 1)));
  let at = 0;
  for (let i = 1; i < rows.length; i++) if (beside[i] < beside[at] || (beside[i] === beside[at] && ranks[i] < ranks[at])) at = i;
  const last = rows.length - 1;
  if (rows[at][0] === Infinity) return [at, -1];
  if (at === 0 && ranks[0] < ranks[1]) return [at, -1];
  return [at, at === last && ranks[last] < ranks[last - 1] ? 1 : 0];
}

function* tuned(world, entrant, starts, steps) {
  const quarter = Math.max(world.view[1] - world.view[0], world.view[3] - world.view[2]) / 4;
  const moves = starts.map((start) => firstMove(world, entrant, start)).filter((move) => move > 0 && move < Infinity);
  const scale = moves.length ? quarter / median(moves) : quarter, values = new Float64Array(steps + 1);
  let low = Math.round(DECADE * Math.log10(scale > 0 && scale < Infinity ? scale : quarter)) - BELOW, high = low + GRID - 1;
  const lowest = low - ADDED * DECADE, highest = high + ADDED * DECADE, rows = new Map();
  while (true) {
    for (let place = low; place <= high; place++) {
      if (!rows.has(place)) {
        rows.set(place, judged(world, entrant, rateAt(place), starts, steps, values));
        yield;
      }
    }
    const [at, end] = bestOf(Array.from({ length: high - low + 1 }, (_, i) => rows.get(low + i)));
    if (end < 0 && low > lowest) low = Math.max(low - DECADE, lowest);
    else if (end > 0 && high < highest) high = Math.min(high + DECADE, highest);
    else return rateAt(low + at);
  }
}

// Where runs end that start all over the view: the index of the minimizer for each of side x side starts, and how soon.
// -1: at none of them; -2: diverged. Gives rows as they are finished.
function* basins(world, entrant, view, side, steps) {
  const { fn, far, minimizers } = world, { rule, hyper, schedules } = entrant;
  const plan = course(rule, hyper, schedules, steps), reached = new Int16Array(side * side).fill(-1);
  const soon = new Uint16Array(side * side), near = minimizers.map(([x, y]) => fn.value(x, y) + 1e-4);
  const reach = 0.05 * Math.max(world.view[1] - world.view[0], world.view[3] - world.view[2]);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const x = view[0] + ((column + 0.5) / side) * (view[1] - view[0]);
      const y = view[2] + ((row + 0.5) / side) * (view[3] - view[2]);
      const state = beginning(rule, hyper, x, y), at = rule.shown < 0 ? 0 : 2 + 2 * rule.shown, place = row * side + column;
      let since = -1, end = -1;
      for (let t = 0; t <= steps; t++) {
        if (lost(state, far)) {
          end = -2;
          break;
        }
        const f = fn.value(state[at], state[at + 1]);
        let here = -1;
        for (let k = 0; k < near.length; k++) {
          const close = Math.abs(state[at] - minimizers[k][0]) < reach && Math.abs(state[at + 1] - minimizers[k][1]) < reach;
          if (f <= near[k] && close) here = k;
        }
        if (here !== end) since = t;
        end = here;
        if (t === steps) break;
        const g = fn.gradient(state[0], state[1]);
        rule.step(state, g[0], g[1], at === 0 ? f : fn.value(state[0], state[1]), plan.c(t + 1), plan.h(t + 1));
      }
      reached[place] = end;
      soon[place] = end >= 0 ? since : steps;
    }
    yield { reached, soon, row };
  }
}
