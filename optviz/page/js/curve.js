// f - f* by step on a logarithmic axis; the first steps, in which most is decided, have the most room.
const BEND = 3, BENT = Math.expm1(BEND);
const elapsed = (step, steps) => Math.log1p((step / Math.max(steps, 1)) * BENT) / BEND;
const stepAt = (share, steps) => (steps * Math.expm1(BEND * clamp(share, 0, 1))) / BENT;

class Curve {
  constructor(canvas, words) {
    this.canvas = canvas;
    this.words = words;
    this.still = document.createElement("canvas");
    this.bright = document.createElement("canvas");
  }

  // The curves of all runs: pale as a whole, bright up to the step that is shown.
  prepare(runs, steps, minimum, wide, high, theme) {
    Object.assign(this, { runs, steps, wide, high, theme });
    this.left = 44;
    this.right = wide - 8;
    this.top = 22;
    this.foot = high - 24;
    const gaps = [];
    for (const { run } of runs) for (const value of run.values) if (value - minimum > 1e-16 && value < Infinity) gaps.push(Math.log10(value - minimum));
    gaps.sort((a, b) => a - b);
    const floor = Math.max(gaps[0] ?? 0, -12), roof = gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * 0.995))] ?? 1;
    this.low = Math.floor(floor);
    this.up = Math.max(Math.ceil(roof), this.low + 1);
    this.minimum = minimum;
    const still = fitted(this.still, wide, high), bright = fitted(this.bright, wide, high);
    still.clearRect(0, 0, wide, high);
    bright.clearRect(0, 0, wide, high);
    this.axes(still);
    for (const run of runs) {
      const path = this.path(run.run);
      for (const [context, alpha] of [[still, run.ghost ? 0.5 : 0.28], [bright, run.ghost ? 0 : 1]]) {
        context.save();
        context.beginPath();
        context.rect(this.left, this.top - 3, this.right - this.left + 4, this.foot - this.top + 6);
        context.clip();
        context.globalAlpha = alpha;
        context.strokeStyle = run.colour;
        context.lineWidth = run.ghost ? 1 : 1.8;
        context.setLineDash(run.ghost ? [3, 3] : run.dash ?? []);
        context.lineJoin = "round";
        context.stroke(path);
        context.restore();
      }
    }
  }

  axes(context) {
    const { theme, left, right, top, foot } = this, decades = this.up - this.low, every = Math.ceil(decades / Math.max(2, (foot - top) / 26));
    context.font = `12px ${FONT}`;
    context.fillStyle = theme.muted;
    context.strokeStyle = theme.grid;
    context.lineWidth = 1;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(this.words, 2, 12);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (let power = this.up; power >= this.low; power -= every) {
      const y = Math.round(this.y(power)) + 0.5;
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(right, y);
      context.stroke();
      context.fillText(Math.abs(power) < 4 ? shown(10 ** power) : `10${raised(power)}`, left - 6, y);
    }
    context.textBaseline = "alphabetic";
    let free = -Infinity;
    for (const step of [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 1e5, 1e6].filter((t) => t < this.steps).concat(this.steps)) {
      const x = this.x(step), width = context.measureText(String(step)).width;
      const isLast = step === this.steps;
      if (!isLast && (x - width / 2 < free || x + width + 14 > this.right - context.measureText(String(this.steps)).width)) continue;
      context.textAlign = isLast ? "right" : "center";
      context.fillText(String(step), isLast ? right + 4 : x, foot + 18);
      free = x + width / 2 + 12;
    }
  }

  x(step) {
    return this.left + elapsed(step, this.steps) * (this.right - this.left);
  }

  y(power) {
    return this.foot - ((power - this.low) / (this.up - this.low)) * (this.foot - this.top);
  }

  height(value) {
    const gap = value - this.minimum;
    return gap > 0 ? clamp(this.y(Math.log10(gap)), this.top, this.foot) : Number.isNaN(gap) ? NaN : this.foot;
  }

  path(run) {
    const path = new Path2D(), every = Math.max(1, Math.floor(run.steps / 3000));
    let begun = false;
    for (let t = 0; t <= run.steps; t += t < 300 ? 1 : every) {
      const y = this.height(run.values[t]);
      if (Number.isNaN(y)) break;
      if (begun) path.lineTo(this.x(t), y);
      else path.moveTo(this.x(t), y);
      begun = true;
    }
    return path;
  }

  at(step) {
    const { wide, high, theme } = this, context = fitted(this.canvas, wide, high), x = this.x(step), ratio = this.still.width / wide;
    context.clearRect(0, 0, wide, high);
    context.drawImage(this.still, 0, 0, wide, high);
    const width = clamp(x + 0.5, 1, wide);
    context.drawImage(this.bright, 0, 0, width * ratio, this.bright.height, 0, 0, width, high);
    context.strokeStyle = theme.muted;
    context.globalAlpha = 0.7;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, this.top - 4);
    context.lineTo(x, this.foot);
    context.stroke();
    context.globalAlpha = 1;
    for (const run of this.runs) {
      if (run.ghost) continue;
      const t = Math.min(Math.floor(step), run.run.diverged || run.run.steps), y = this.height(run.run.values[t]);
      if (Number.isNaN(y)) continue;
      const path = headPath(run.outline, this.x(Math.min(step, t + 1)), y, 3.6);
      context.lineWidth = 2;
      context.strokeStyle = theme.rim;
      context.stroke(path);
      context.fillStyle = run.colour;
      context.fill(path);
    }
  }

  step(x) {
    return stepAt((x - this.left) / (this.right - this.left), this.steps);
  }
}
