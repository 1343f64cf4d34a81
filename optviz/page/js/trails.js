// Trails and heads on the map: the same ink for every step, faint where an optimizer leapt or crossed often.
const WIDTH = 2.2, HEM = 1.5, LEAP = 46, BEAD = 7, PATCH = 24, CROSSINGS = 5, COMET = 14;
const LOOK = 1.8, FEW = 200; // of the dots of evaluations: the radius, and how many of one run are not yet fainter

// How a segment is inked: `ink` of its core, `thin` of its width.
function inkOf(length) {
  if (length <= LEAP) return [1, 1];
  const ink = Math.max(0.3, (LEAP / length) ** 0.75);
  return [ink, ink < 0.8 ? 0.72 : 1];
}

class Trails {
  constructor(canvas) {
    this.canvas = canvas;
    this.drawn = -1;
  }

  // Everything anew up to a step: after a move of the map or a step backwards.
  all(frame, runs, step, theme) {
    this.context = fitted(this.canvas, frame.wide, frame.high);
    this.context.clearRect(0, 0, frame.wide, frame.high);
    this.frame = frame;
    for (const run of runs) {
      run.crossed = new Map();
      run.end = run.run.diverged || run.run.steps;
      run.dots = new Float64Array(run.run.points.length);
      for (let k = 0; k < run.dots.length; k += 2) {
        [run.dots[k], run.dots[k + 1]] = frame.at(run.run.points[k], run.run.points[k + 1]);
      }
      run.looks = 0;
    }
    for (const run of runs) this.stretch(run, 0, step, theme);
    this.drawn = step;
  }

  // The new segments since the step that was drawn last.
  more(runs, step, theme) {
    for (let t = this.drawn; t < step; t++) for (const run of runs) this.stretch(run, t, t + 1, theme);
    this.drawn = step;
  }

  stretch(run, from, to, theme) {
    const { context, frame } = this, dots = run.dots, last = Math.min(to, run.end);
    context.lineJoin = "round";
    let plain = null;
    const finish = () => {
      if (!plain) return;
      context.lineCap = "butt";
      this.stroke(plain, theme.casing, WIDTH + 2 * HEM, 1);
      context.lineCap = "round";
      this.stroke(plain, run.colour, WIDTH, run.ghost ? 0.35 : 1);
      plain = null;
    };
    for (let t = from; t < last; t++) {
      const [x0, y0, x1, y1] = [dots[2 * t], dots[2 * t + 1], dots[2 * t + 2], dots[2 * t + 3]];
      if (!(Math.abs(x1) < 1e7 && Math.abs(y1) < 1e7 && Math.abs(x0) < 1e7 && Math.abs(y0) < 1e7)) continue;
      const length = Math.hypot(x1 - x0, y1 - y0);
      if (!frame.touches(x0, y0, x1, y1)) {
        finish();
        continue;
      }
      if (length < 0.05) continue;
      const cell = Math.round((x0 + x1) / 2 / PATCH) * 4096 + Math.round((y0 + y1) / 2 / PATCH), before = run.crossed.get(cell) ?? 0;
      run.crossed.set(cell, before + length / PATCH);
      const [ink, thin] = inkOf(length), tired = before > CROSSINGS ? Math.max(0.2, CROSSINGS / before) : 1;
      if (ink * tired > 0.99) {
        if (!plain) {
          plain = new Path2D();
          plain.moveTo(x0, y0);
        }
        plain.lineTo(x1, y1);
      } else {
        finish();
        const path = new Path2D();
        path.moveTo(x0, y0);
        path.lineTo(x1, y1);
        context.lineCap = "butt";
        this.stroke(path, theme.casing, WIDTH * thin + 2 * HEM, ink * tired);
        this.stroke(path, run.colour, WIDTH * thin, ink * tired * (run.ghost ? 0.35 : 1));
      }
      if (length > BEAD && !run.ghost && tired === 1) {
        context.fillStyle = run.colour;
        context.globalAlpha = Math.max(ink, 0.6);
        context.beginPath();
        context.arc(x1, y1, WIDTH / 2 + 0.9, 0, 7);
        context.fill();
      }
    }
    finish();
    this.looks(run, to, theme);
    context.globalAlpha = 1;
  }

  // A dot for each evaluation of a stored run, up to a step; the start has a sign of its own.
  looks(run, to, theme) {
    const { evaluated, evaluatedAt } = run.run, { context, frame } = this;
    if (!evaluated || run.ghost) return;
    const ink = 0.7 * Math.min(1, (FEW / evaluatedAt.length) ** 0.5);
    for (; evaluatedAt[run.looks] <= to; run.looks++) {
      const [x, y] = frame.at(evaluated[2 * run.looks], evaluated[2 * run.looks + 1]);
      if (evaluatedAt[run.looks] === 0 || !(x >= 0 && y >= 0 && x <= frame.wide && y <= frame.high)) continue;
      for (const [colour, radius] of [[theme.casing, LOOK + HEM / 2], [run.colour, LOOK]]) {
        context.globalAlpha = ink;
        context.fillStyle = colour;
        context.beginPath();
        context.arc(x, y, radius, 0, 7);
        context.fill();
      }
    }
  }

  stroke(path, colour, width, alpha) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke(path);
  }
}

// Where a run is at a step in between, in pixels of the map, and whether it still runs.
function headAt(run, step) {
  const t = Math.min(Math.floor(step), run.end), next = Math.min(t + 1, run.end), share = Math.min(step, run.end) - t;
  const [x0, y0, x1, y1] = [run.dots[2 * t], run.dots[2 * t + 1], run.dots[2 * next], run.dots[2 * next + 1]];
  return Number.isFinite(x1 + y1) ? [x0 + share * (x1 - x0), y0 + share * (y1 - y0)] : [x0, y0];
}

// Start, minima, comets and heads: what moves over the trails in each frame.
function drawHeads(canvas, frame, runs, step, theme, marks, focus) {
  const context = fitted(canvas, frame.wide, frame.high);
  context.clearRect(0, 0, frame.wide, frame.high);
  const put = (outline, x, y, radius, fill, ring, width) => {
    const path = headPath(outline, x, y, radius);
    context.lineJoin = "round";
    context.lineWidth = width * 2;
    context.strokeStyle = ring;
    context.stroke(path);
    context.fillStyle = fill;
    context.fill(path);
  };
  for (const [x, y] of marks.local) {
    const [px, py] = frame.at(x, y), path = headPath(marks.star, px, py, 7.5);
    context.lineWidth = 1.3;
    context.strokeStyle = theme.ink;
    context.globalAlpha = 0.8;
    context.stroke(path);
    context.globalAlpha = 1;
  }
  for (const [x, y] of marks.minimizers) put(marks.star, ...frame.at(x, y), 9, theme.ink, theme.rim, 1.6);
  const [sx, sy] = frame.at(...marks.start);
  context.lineWidth = 5;
  context.strokeStyle = theme.rim;
  context.beginPath();
  context.arc(sx, sy, 6, 0, 7);
  context.stroke();
  context.lineWidth = 2.2;
  context.strokeStyle = theme.ink;
  context.stroke();
  for (const run of runs) if (!run.ghost) comet(context, run, step, theme);
  for (const run of runs) {
    if (run.ghost) continue;
    let [x, y] = headAt(run, step);
    const inside = x >= 0 && y >= 0 && x <= frame.wide && y <= frame.high;
    if (inside) {
      put(run.outline, x, y, run.name === focus ? 7.5 : 5.8, run.colour, theme.rim, 1.6);
      if (step >= run.stopped) ring(context, x, y, theme);
    }
    else if (Number.isFinite(x + y)) edge(context, frame, run, x, y, theme, marks.arrow);
  }
}

// An optimizer that has stopped of itself.
function ring(context, x, y, theme) {
  for (const [colour, width] of [[theme.rim, 4.5], [theme.ink, 1.6]]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    context.arc(x, y, 10, 0, 7);
    context.stroke();
  }
}

function comet(context, run, step, theme) {
  const last = Math.min(Math.floor(step), run.end);
  context.lineCap = "butt";
  for (let t = Math.max(0, last - COMET); t < last; t++) {
    const [x0, y0, x1, y1] = [run.dots[2 * t], run.dots[2 * t + 1], run.dots[2 * t + 2], run.dots[2 * t + 3]];
    const length = Math.hypot(x1 - x0, y1 - y0), share = 1 - (last - t - 1) / COMET;
    if (!(length > 0.3 && length < 4000)) continue;
    context.globalAlpha = 0.55 * share * (length > 60 ? Math.max(0.25, (60 / length) ** 0.8) : 1);
    context.strokeStyle = run.colour;
    context.lineWidth = WIDTH + 2 * share;
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }
  context.globalAlpha = 1;
}

// An optimizer that is off the map: an arrow on the rim that points to it.
function edge(context, frame, run, x, y, theme, arrow) {
  const margin = 13, cx = frame.wide / 2, cy = frame.high / 2, turn = Math.atan2(y - cy, x - cx);
  const reach = Math.min((cx - margin) / Math.abs(Math.cos(turn) || 1e-9), (cy - margin) / Math.abs(Math.sin(turn) || 1e-9));
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const turned = arrow.map(([dx, dy]) => [dx * cos - dy * sin, dx * sin + dy * cos]);
  const path = headPath(turned, cx + reach * cos, cy + reach * sin, 7);
  context.lineWidth = 3;
  context.strokeStyle = theme.rim;
  context.stroke(path);
  context.fillStyle = run.colour;
  context.fill(path);
}
