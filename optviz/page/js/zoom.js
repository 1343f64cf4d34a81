// The picture under a glass: wheel, pinch, buttons and keys zoom, a drag pans, and a place tells its values.
const FARTHEST = 40;

class Glass {
  constructor(box, tools, regions, values) {
    Object.assign(this, { box, sheet: box.querySelector(".sheet"), regions, values, zoom: 1, x: 0, y: 0, at: null, armed: false });
    this.mark = element("div", { className: "place", hidden: true });
    this.tip = element("div", { className: "tip", hidden: true });
    box.append(this.mark, this.tip);
    box.tabIndex = 0;
    for (const [name, act] of [["nearer", () => this.nearer(1.5)], ["farther", () => this.nearer(1 / 1.5)], ["home", () => this.show(1, 0, 0)]])
      tools.querySelector(`.${name}`).addEventListener("click", act);
    tools.hidden = false;
    this.pointers();
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("blur", () => this.point(null));
    addEventListener("resize", () => { this.point(null); this.show(this.zoom, this.x, this.y); });
  }

  get wide() { return this.box.clientWidth; }
  get high() { return this.box.clientHeight; }

  show(zoom, x, y) {
    const { wide, high } = this;
    this.zoom = clamp(zoom, 1, FARTHEST);
    this.x = clamp(x, wide * (1 - this.zoom), 0);
    this.y = clamp(y, high * (1 - this.zoom), 0);
    this.sheet.style.transform = this.zoom === 1 ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
    this.sheet.classList.toggle("fine", this.zoom > 3);
    this.box.classList.toggle("near", this.zoom > 1);
    if (this.at) this.point(this.at, this.held);
  }

  // Zoom so that what is at a place stays there; without one around what is told, or the middle.
  nearer(factor, px, py) {
    if (px === undefined) [px, py] = this.at ? this.middle(this.at) : [this.wide / 2, this.high / 2];
    const zoom = clamp(this.zoom * factor, 1, FARTHEST), by = zoom / this.zoom;
    this.show(zoom, px - (px - this.x) * by, py - (py - this.y) * by);
  }

  // Shares of the picture and pixels of the glass.
  toPicture(px, py) { return [(px - this.x) / this.zoom / this.wide, (py - this.y) / this.zoom / this.high]; }
  toGlass(u, v) { return [u * this.wide * this.zoom + this.x, v * this.high * this.zoom + this.y]; }

  place(px, py) {
    const [u, v] = this.toPicture(px, py), regions = this.regions();
    const index = regions.findIndex(({ box: [a, b, c, d] }) => u >= a && u < c && v >= b && v < d);
    if (index < 0) return null;
    const { box: [a, b, c, d] } = regions[index], [columns, rows] = this.values.size(regions[index]);
    return { index, column: Math.floor(((u - a) / (c - a)) * columns), row: Math.floor(((v - b) / (d - b)) * rows) };
  }

  cell({ index, column, row }) {
    const { box: [a, b, c, d] } = this.regions()[index], [columns, rows] = this.values.size(this.regions()[index]);
    const [left, top] = this.toGlass(a + ((c - a) * column) / columns, b + ((d - b) * row) / rows);
    return [left, top, ((c - a) / columns) * this.wide * this.zoom, ((d - b) / rows) * this.high * this.zoom];
  }

  middle(at) {
    const [left, top, wide, high] = this.cell(at);
    return [left + wide / 2, top + high / 2];
  }

  // Tell what is at a place; where a key has led there, also to those who do not see it.
  point(at, held = false) {
    Object.assign(this, { at, held });
    this.mark.hidden = this.tip.hidden = !at;
    if (!at) return;
    const region = this.regions()[at.index], lines = this.values.lines(region, at.column, at.row), dot = this.values.nearest?.(region, at.column, at.row);
    this.tip.replaceChildren(...lines.map((line, k) => element("div", { textContent: line, className: k ? "" : "first" })));
    if (held) $("told").textContent = lines.join(", ");
    let [left, top, wide, high] = this.cell(at);
    if (dot) {
      const { box: [a, b, c, d] } = region;
      [left, top] = this.toGlass(a + (c - a) * dot.at[0], b + (d - b) * dot.at[1]);
      [wide, high] = [0, 0];
    }
    const least = Math.max(dot ? 11 : 7, wide + 4), tall = Math.max(dot ? 11 : 7, high + 4), [mx, my] = [left + wide / 2, top + high / 2];
    this.mark.classList.toggle("dot", Boolean(dot));
    Object.assign(this.mark.style, { left: `${mx - least / 2}px`, top: `${my - tall / 2}px`, width: `${least}px`, height: `${tall}px` });
    const { offsetWidth: w, offsetHeight: h } = this.tip, gap = 14 + Math.min(least, 40) / 2;
    this.tip.style.left = `${clamp(mx + gap + w > this.wide ? mx - w - gap : mx + gap, 4, Math.max(4, this.wide - w - 4))}px`;
    this.tip.style.top = `${clamp(my + gap + h > this.high ? my - h - gap : my + gap, 4, Math.max(4, this.high - h - 4))}px`;
  }

  // To the next cell, over the edge to the next region in that direction.
  step(dx, dy, by) {
    const regions = this.regions();
    if (!regions.length) return;
    if (!this.at) return this.see({ index: 0, ...this.centre(0) });
    const { index, column, row } = this.at, [columns, rows] = this.values.size(regions[index]);
    const at = { index, column: clamp(column + dx * by, 0, columns - 1), row: clamp(row + dy * by, 0, rows - 1) };
    if (at.column !== column || at.row !== row) return this.see(at);
    const middle = ({ box: [a, b, c, d] }) => [(a + c) / 2, (b + d) / 2], [u, v] = middle(regions[index]);
    const ahead = regions.map((region, k) => {
      const [s, t] = middle(region), along = (s - u) * dx + (t - v) * dy, aside = Math.abs((s - u) * dy) + Math.abs((t - v) * dx);
      return { k, along, far: along + 3 * aside };
    }).filter(({ k, along }) => k !== index && along > 1e-3).sort((p, q) => p.far - q.far);
    if (!ahead.length) return;
    const next = this.values.size(regions[ahead[0].k]);
    this.see({ index: ahead[0].k, column: dx ? (dx > 0 ? 0 : next[0] - 1) : Math.floor((column / columns) * next[0]), row: dy ? (dy > 0 ? 0 : next[1] - 1) : Math.floor((row / rows) * next[1]) });
  }

  centre(index) {
    const [columns, rows] = this.values.size(this.regions()[index]);
    return { column: columns >> 1, row: rows >> 1 };
  }

  // Tell a cell and bring it under the glass.
  see(at) {
    this.point(at, true);
    const [px, py] = this.middle(at), [dx, dy] = [clamp(px, 20, this.wide - 20) - px, clamp(py, 20, this.high - 20) - py];
    if (dx || dy) this.show(this.zoom, this.x + dx, this.y + dy);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? 10 : 1;
    const act = {
      ArrowLeft: () => this.step(-1, 0, by), ArrowRight: () => this.step(1, 0, by), ArrowUp: () => this.step(0, -1, by), ArrowDown: () => this.step(0, 1, by),
      "+": () => this.nearer(1.5), "=": () => this.nearer(1.5), "-": () => this.nearer(1 / 1.5), 0: () => this.show(1, 0, 0), Escape: () => this.point(null),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  pointers() {
    const { box } = this, down = new Map();
    let began = null;
    const place = (event) => {
      const { left, top } = box.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    const begin = () => {
      const [[a, b], [c, d] = []] = [...down.values()];
      began = { x: this.x, y: this.y, zoom: this.zoom, at: [a, b], far: down.size > 1, apart: null };
      if (down.size > 1) Object.assign(began, { apart: Math.max(Math.hypot(a - c, b - d), 1), at: [(a + c) / 2, (b + d) / 2] });
    };
    box.addEventListener("pointerdown", (event) => {
      down.set(event.pointerId, place(event));
      try { box.setPointerCapture(event.pointerId); } catch { /* a pointer that a script made up */ }
      begin();
    });
    box.addEventListener("pointermove", (event) => {
      const at = place(event);
      this.armed = true;
      if (!down.has(event.pointerId)) return event.pointerType === "mouse" ? this.point(this.place(...at)) : undefined;
      down.set(event.pointerId, at);
      if (down.size > 1) {
        const [[a, b], [c, d]] = [...down.values()], by = clamp((began.zoom * Math.hypot(a - c, b - d)) / began.apart, 1, FARTHEST) / began.zoom;
        return this.show(began.zoom * by, (a + c) / 2 - (began.at[0] - began.x) * by, (b + d) / 2 - (began.at[1] - began.y) * by);
      }
      const [dx, dy] = [at[0] - began.at[0], at[1] - began.at[1]];
      if (Math.hypot(dx, dy) > 5) began.far = true;
      if (!began.far || this.zoom === 1) return;
      box.classList.add("dragged");
      this.point(null);
      this.show(this.zoom, began.x + dx, began.y + dy);
    });
    const up = (event) => {
      const at = down.get(event.pointerId);
      down.delete(event.pointerId);
      box.classList.remove("dragged");
      if (at && began && !began.far && event.type === "pointerup") this.point(this.place(...at), event.pointerType !== "mouse");
      if (down.size) begin();
      if (began) began.far ||= down.size > 0;
    };
    box.addEventListener("pointerup", up);
    box.addEventListener("pointercancel", up);
    box.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && !this.held) this.point(null); });
    // Who scrolls past the picture does not mean it; who points at it does.
    addEventListener("scroll", () => { this.armed = false; }, { passive: true });
    box.addEventListener("wheel", (event) => {
      if (!(this.armed || event.ctrlKey) || (this.zoom === 1 && event.deltaY > 0)) return;
      event.preventDefault();
      this.nearer(Math.exp(-clamp(event.deltaY, -200, 200) / 400), ...place(event));
    }, { passive: false });
  }
}
