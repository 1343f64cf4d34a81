// The chart: map, trails, heads and curve of one function; it knows nothing of controls.
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

// What of the plane is visible: the view fits into the box, which shows more of its surroundings where it is longer.
function frameOf(view, wide, high) {
  const [x0, x1, y0, y1] = view, side = Math.min(wide, high);
  const broad = ((x1 - x0) * wide) / side, tall = ((y1 - y0) * high) / side;
  const left = (x0 + x1) / 2 - broad / 2, top = (y0 + y1) / 2 + tall / 2;
  const at = (x, y) => [((x - left) / broad) * wide, ((top - y) / tall) * high];
  const back = (px, py) => [left + (px / wide) * broad, top - (py / high) * tall];
  const touches = (a, b, c, d) => Math.max(a, c) > -60 && Math.min(a, c) < wide + 60 && Math.max(b, d) > -60 && Math.min(b, d) < high + 60;
  return { wide, high, side, broad, tall, left, top, at, back, touches, view };
}

class Chart {
  constructor(box, names) {
    this.canvases = ["ground", "over", "trails", "heads"].map((name) => element("canvas", { className: name, "aria-hidden": "true" }));
    [this.ground, this.over, this.trailCanvas, this.headCanvas] = this.canvases;
    box.prepend(...this.canvases);
    Object.assign(this, { box, names, shading: new Ground(this.ground), trails: new Trails(this.trailCanvas) });
  }

  // The map of a part of the plane; trails follow with `show`.
  look(world, view, theme, finished) {
    const { clientWidth: wide, clientHeight: high } = this.box;
    this.frame = frameOf(view, Math.max(wide, 50), Math.max(high, 50));
    this.world = world;
    this.theme = theme;
    this.shading.draw(world, this.frame, theme, finished);
    this.trails.drawn = -1;
  }

  show(runs, step, marks, focus) {
    const whole = Math.floor(step);
    if (this.trails.drawn < 0 || whole < this.trails.drawn || runs !== this.runs) this.trails.all(this.frame, runs, whole, this.theme);
    else if (whole > this.trails.drawn) this.trails.more(runs, whole, this.theme);
    this.runs = runs;
    drawHeads(this.headCanvas, this.frame, runs, step, this.theme, marks, focus);
    this.axes();
  }

  // Ticks inside the frame, with a halo, and the names of the axes at their ends.
  axes() {
    const { frame, theme } = this, context = this.headCanvas.getContext("2d"), [left, low] = frame.back(0, frame.high);
    const [right, top] = frame.back(frame.wide, 0);
    context.font = `12px ${FONT}`;
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = theme.halo;
    context.fillStyle = theme.ink;
    const say = (text, x, y, align) => {
      context.textAlign = align;
      context.strokeText(text, x, y);
      context.fillText(text, x, y);
    };
    context.textBaseline = "alphabetic";
    for (const [value, text] of ticks(left, right, frame.wide / 76)) {
      const [x] = frame.at(value, 0);
      if (x > 56 && x < frame.wide - 40) say(text, x, frame.high - 8, "center");
    }
    say(this.names[0], frame.wide - 12, frame.high - 8, "right");
    context.textBaseline = "middle";
    for (const [value, text] of ticks(low, top, frame.high / 80)) {
      const [, y] = frame.at(0, value);
      if (y > 34 && y < frame.high - 26) say(text, 9, y, "left");
    }
    say(this.names[1], 9, 15, "left");
  }

  // Which minimizer each start reaches, over the map; nothing for none.
  colours(field, side, view, palette) {
    const { frame, over } = this, context = fitted(over, frame.wide, frame.high);
    context.clearRect(0, 0, frame.wide, frame.high);
    if (!field) return;
    const image = new ImageData(side, side);
    field.reached.forEach((end, place) => {
      const row = side - 1 - Math.floor(place / side), at = 4 * (row * side + (place % side));
      if (field.row !== undefined && Math.floor(place / side) > field.row) return;
      if (end === -1) return;
      const colour = end >= 0 ? palette[end % palette.length] : [200, 70, 60];
      for (let c = 0; c < 3; c++) image.data[at + c] = colour[c];
      image.data[at + 3] = end >= 0 ? 235 - 130 * Math.sqrt(field.soon[place] / field.steps) : 70;
    });
    const small = document.createElement("canvas");
    small.width = small.height = side;
    small.getContext("2d").putImageData(image, 0, 0);
    const [x0, y0] = frame.at(view[0], view[3]), [x1, y1] = frame.at(view[1], view[2]);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, x0, y0, x1 - x0, y1 - y0);
  }

  // The iterate nearest to a place of the map: [run, step], or null.
  nearest(px, py, runs, step) {
    let best = 26 ** 2, found = null;
    for (const run of runs) {
      if (run.ghost) continue;
      for (let t = 0; t <= Math.min(step, run.end); t++) {
        const distance = (run.dots[2 * t] - px) ** 2 + (run.dots[2 * t + 1] - py) ** 2;
        if (distance < best) [best, found] = [distance, [run, t]];
      }
    }
    return found;
  }
}
