// The function as a solid block, drawn by the graphics card; trails and heads lie on it, drawn as on the map.
const MESH = 180, DEEP = 0.16, LIFT = 0.006, NEAR = 0.05;

const VERTEX = `#version 300 es
in vec3 place; in vec4 facts; uniform mat3 turn; uniform vec3 fit; out vec4 told;
void main() { vec3 p = turn * place; told = facts; gl_Position = vec4(p.x * fit.x, p.y * fit.y, -p.z * fit.z, 1.0); }`;
const FRAGMENT = `#version 300 es
precision highp float; in vec4 told; uniform sampler2D ramp; uniform float lines; uniform vec4 iso; uniform float wall; out vec4 colour;
void main() {
  float level = told.x;
  vec3 base = texture(ramp, vec2(clamp(level + told.y, 0.0, 1.0), 0.5)).rgb;
  float u = level * lines, near = abs(u - round(u)) / max(fwidth(u), 1e-5);
  float cover = round(u) == 0.0 ? 0.0 : clamp(1.0 - near, 0.0, 1.0) * clamp(0.33 / max(fwidth(u), 1e-5) - 0.35, 0.0, 1.0);
  vec3 top = mix(base, iso.rgb, cover * iso.a);
  colour = vec4(mix(top, mix(base, iso.rgb, wall) * told.w, told.z), 1.0);
}`;

class Surface {
  constructor(canvas, heads) {
    Object.assign(this, { canvas, heads });
    this.gl = canvas.getContext("webgl2", { antialias: true, alpha: true, preserveDrawingBuffer: true });
    this.able = Boolean(this.gl) && this.build();
  }

  // Where the reader stands at first: azimuth and elevation in degrees, and how high the block is.
  aim(camera) {
    this.first = camera;
    this.home();
  }

  home() {
    [this.azimuth, this.elevation, this.tall] = this.first;
    this.scale = 1;
  }

  build() {
    const { gl } = this, program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) return false;
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    this.at = Object.fromEntries(["turn", "fit", "ramp", "lines", "iso", "wall"].map((name) => [name, gl.getUniformLocation(program, name)]));
    for (const [name, size, from] of [["place", 3, 0], ["facts", 4, 12]]) {
      const where = gl.getAttribLocation(program, name);
      this.buffer ??= gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
      gl.enableVertexAttribArray(where);
      gl.vertexAttribPointer(where, size, gl.FLOAT, false, 28, from);
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const [what, how] of [[gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR], [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]]) gl.texParameteri(gl.TEXTURE_2D, what, how);
    gl.enable(gl.DEPTH_TEST);
    return true;
  }

  // Levels of a part of the plane: heights of the block in its box, -1 to 1 across.
  look(world, view, theme) {
    const [x0, x1, y0, y1] = view, n = MESH + 1, raw = new Float64Array(n * n);
    for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) raw[j * n + i] = world.height(x0 + ((x1 - x0) * i) / MESH, y0 + ((y1 - y0) * j) / MESH);
    const level = levelsOf(raw.filter((_, k) => k % 3 === 0), world.minimum);
    this.levels = Float64Array.from(raw, level);
    this.view = view;
    const rows = Array.from({ length: n }, (_, j) => this.levels.subarray(j * n, (j + 1) * n));
    this.lines = lineCount({ rows, width: n, height: n });
    this.mesh();
    this.colour(theme);
  }

  level(u, v) {
    const n = MESH + 1, a = clamp(u, 0, 1) * MESH, b = clamp(v, 0, 1) * MESH, i = Math.min(Math.floor(a), MESH - 1), j = Math.min(Math.floor(b), MESH - 1), p = a - i, q = b - j, at = j * n + i;
    return (this.levels[at] * (1 - p) + this.levels[at + 1] * p) * (1 - q) + (this.levels[at + n] * (1 - p) + this.levels[at + n + 1] * p) * q;
  }

  mesh() {
    const { gl, levels, tall } = this, n = MESH + 1, facts = [], order = [];
    const put = (u, v, z, level, shade, wall, dim) => facts.push(2 * u - 1, 2 * v - 1, z, level, shade, wall, dim) / 7 - 1;
    const height = (level) => (level - 0.5) * tall;
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        const at = j * n + i, level = levels[at], sx = ((levels[at + (i < MESH)] - levels[at - (i > 0)]) / ((i < MESH) + (i > 0))) * MESH, sy = ((levels[at + (j < MESH) * n] - levels[at - (j > 0) * n]) / ((j < MESH) + (j > 0))) * MESH;
        const steep = 0.2, lambert = (LIGHT[2] - steep * (LIGHT[1] * sy + LIGHT[0] * sx)) / Math.sqrt(1 + (steep * Math.hypot(sx, sy)) ** 2);
        put(i / MESH, j / MESH, height(level), level, 0.16 * (lambert - LIGHT[2]) || 0, 0, 1);
        if (i < MESH && j < MESH) order.push(at, at + 1, at + n, at + 1, at + n + 1, at + n);
      }
    }
    const foot = -0.5 * tall - DEEP;
    for (const [side, dim] of [[(t) => [t, 0], 0.85], [(t) => [t, 1], 0.85], [(t) => [0, t], 0.7], [(t) => [1, t], 0.7]]) {
      const begun = facts.length / 7;
      for (let k = 0; k <= MESH; k++) {
        const [u, v] = side(k / MESH), level = this.level(u, v);
        put(u, v, height(level), level, 0, 1, dim);
        put(u, v, foot, level, 0, 1, dim * 0.8);
        if (k < MESH) order.push(begun + 2 * k, begun + 2 * k + 1, begun + 2 * k + 2, begun + 2 * k + 1, begun + 2 * k + 3, begun + 2 * k + 2);
      }
    }
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(facts), gl.STATIC_DRAW);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint32Array(order), gl.STATIC_DRAW);
    this.count = order.length;
  }

  colour(theme) {
    const { gl } = this;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, 256, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, theme.table);
    gl.uniform4f(this.at.iso, ...theme.iso.map((part) => part / 255), theme.opacity * 1.6);
    gl.uniform1f(this.at.wall, theme.name === "dark" ? 0.3 : 0.06);
  }

  turn(dx, dy, began) {
    began.camera ??= [this.azimuth, this.elevation];
    this.azimuth = began.camera[0] - dx * 0.4;
    this.elevation = clamp(began.camera[1] + dy * 0.3, 8, 88);
  }

  nearer(factor) {
    this.scale = clamp(this.scale / factor, 0.4, 6);
  }

  // Pixels of half the block's width.
  unit() {
    return (Math.min(this.canvas.clientWidth, this.canvas.clientHeight) / 3.2) * this.scale;
  }

  // What points right, up and towards the reader.
  axes() {
    const a = (this.azimuth * Math.PI) / 180, e = (this.elevation * Math.PI) / 180;
    return { right: [-Math.sin(a), Math.cos(a), 0], up: [-Math.sin(e) * Math.cos(a), -Math.sin(e) * Math.sin(a), Math.cos(e)], out: [Math.cos(e) * Math.cos(a), Math.cos(e) * Math.sin(a), Math.sin(e)] };
  }

  // Places of the iterates in the block: long steps in parts that follow the ground.
  paths(runs, theme) {
    if (!this.levels) return;
    const [x0, x1, y0, y1] = this.view;
    this.lanes = runs.map((run) => {
      const { points, diverged, steps } = run.run, end = diverged || steps, places = [], starts = [];
      for (let t = 0; t <= end; t++) {
        const u = (points[2 * t] - x0) / (x1 - x0), v = (points[2 * t + 1] - y0) / (y1 - y0), before = places.length ? places[places.length - 1] : null;
        starts[t] = places.length;
        if (!Number.isFinite(u + v)) break;
        const parts = before ? clamp(Math.ceil(Math.hypot(u - before[0], v - before[1]) / 0.03), 1, 80) : 1;
        const [bu, bv] = before ?? [u, v];
        for (let k = 1; k <= parts; k++) places.push([bu + ((u - bu) * k) / parts, bv + ((v - bv) * k) / parts]);
        starts[t] = places.length - 1;
      }
      return { run, places, starts, end };
    });
  }

  show(runs, step, marks, theme, focus) {
    const { gl, canvas } = this, wide = canvas.clientWidth, high = canvas.clientHeight, ratio = Math.min(window.devicePixelRatio || 1, 2);
    [canvas.width, canvas.height] = [Math.round(wide * ratio), Math.round(high * ratio)];
    const { right, up, out } = this.axes(), unit = this.unit();
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix3fv(this.at.turn, false, [right[0], up[0], out[0], right[1], up[1], out[1], right[2], up[2], out[2]]);
    gl.uniform3f(this.at.fit, (2 * unit) / wide, (2 * unit) / high, 0.3);
    gl.uniform1f(this.at.lines, this.lines);
    gl.drawElements(gl.TRIANGLES, this.count, gl.UNSIGNED_INT, 0);
    const at = (u, v, lift = LIFT) => {
      const p = [2 * u - 1, 2 * v - 1, (this.level(u, v) - 0.5) * this.tall + lift];
      return [wide / 2 + unit * (p[0] * right[0] + p[1] * right[1]), high / 2 - unit * (p[0] * up[0] + p[1] * up[1] + p[2] * up[2])];
    };
    // Hidden is what lies behind ground that rises above the line of sight.
    const du = out[0] / 2, dv = out[1] / 2, length = Math.hypot(du, dv) || 1e-9, slope = out[2] / length;
    const hidden = (u, v) => {
      const z = (this.level(u, v) - 0.5) * this.tall;
      for (let s = NEAR; s < 1.5; s += 0.012) {
        const a = u + (du / length) * s, b = v + (dv / length) * s;
        if (a < 0 || a > 1 || b < 0 || b > 1) return false;
        if ((this.level(a, b) - 0.5) * this.tall > z + LIFT + slope * s + 0.004) return true;
      }
      return false;
    };
    if (this.lanes?.length !== runs.length || this.lanes.some((lane, k) => lane.run !== runs[k])) this.paths(runs, theme);
    const key = `${this.azimuth},${this.elevation},${this.scale},${wide},${high},${this.view}`;
    if (this.key !== key) for (const lane of this.lanes) lane.seen = null;
    this.key = key;
    const context = fitted(this.heads, wide, high);
    context.clearRect(0, 0, wide, high);
    const inside = ([u, v]) => u >= 0 && u <= 1 && v >= 0 && v <= 1, [x0, x1, y0, y1] = this.view, share = (x, y) => [(x - x0) / (x1 - x0), (y - y0) / (y1 - y0)];
    this.frameNames(context, at, theme, right, out);
    for (const lane of this.lanes) {
      lane.seen ??= lane.places.map((place) => (inside(place) ? [...at(...place), hidden(...place)] : null));
      this.trail(context, lane, Math.min(step, lane.end), theme);
    }
    const put = (outline, place, radius, fill) => {
      if (!inside(place)) return;
      const path = headPath(outline, ...at(...place), radius);
      context.globalAlpha = hidden(...place) ? 0.35 : 1;
      context.lineWidth = 3.2;
      context.lineJoin = "round";
      context.strokeStyle = theme.rim;
      context.stroke(path);
      context.fillStyle = fill;
      context.fill(path);
      context.globalAlpha = 1;
    };
    for (const [x, y] of marks.minimizers) put(marks.star, share(x, y), 9, theme.ink);
    const ring = share(...marks.start);
    if (inside(ring)) {
      context.lineWidth = 2.2;
      context.strokeStyle = theme.ink;
      context.beginPath();
      context.arc(...at(...ring), 5.5, 0, 7);
      context.stroke();
    }
    for (const lane of this.lanes) {
      if (lane.run.ghost) continue;
      const t = Math.min(Math.floor(step), lane.end), [a, b] = [lane.places[lane.starts[t]], lane.places[lane.starts[Math.min(t + 1, lane.end)]]], part = Math.min(step, lane.end) - t;
      if (a) put(lane.run.outline, b ? [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])] : a, lane.run.name === focus ? 7.5 : 5.8, lane.run.colour);
    }
  }

  trail(context, { run, seen, starts }, step, theme) {
    const last = starts[Math.floor(step)] ?? seen.length - 1, parts = [new Path2D(), new Path2D()];
    for (let k = 1; k <= last; k++) {
      const [a, b] = [seen[k - 1], seen[k]];
      if (!a || !b) continue;
      const path = parts[Number(a[2] && b[2])];
      path.moveTo(a[0], a[1]);
      path.lineTo(b[0], b[1]);
    }
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const [path, alpha] of [[parts[1], 0.3], [parts[0], run.ghost ? 0.35 : 1]]) {
      context.globalAlpha = alpha * 0.9;
      context.strokeStyle = theme.casing;
      context.lineWidth = WIDTH + 2 * HEM;
      context.stroke(path);
      context.globalAlpha = alpha;
      context.strokeStyle = run.colour;
      context.lineWidth = WIDTH;
      context.stroke(path);
    }
    context.globalAlpha = 1;
  }

  // Names and ends of the axes along the lower edges that face the reader.
  frameNames(context, at, theme, right, out) {
    const foot = (u, v) => {
      const [x, y] = at(u, v, 0), { up } = this.axes(), z = (this.level(u, v) - 0.5) * this.tall;
      return [x, y + this.unit() * up[2] * (z + 0.5 * this.tall + DEEP)];
    };
    const [x0, x1, y0, y1] = this.view, v = out[1] > 0 ? 1 : 0, u = out[0] > 0 ? 1 : 0;
    context.font = `12px ${FONT}`;
    context.fillStyle = theme.muted;
    context.textBaseline = "top";
    // Away from the block: an edge that rises to the right has its words below to the right, and so on.
    const edge = (name, from, to, marks) => {
      const [a, b] = [foot(...from), foot(...to)], side = Math.sign((b[1] - a[1]) * (b[0] - a[0]) || 1);
      const say = (text, [x, y], more = 0) => {
        context.textAlign = side > 0 ? "right" : "left";
        context.fillText(text, x - side * (5 + more), y + 4 + more * 0.6);
      };
      for (const [share, text] of marks) if (share > 0.03 && share < 0.97) say(text, foot(from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])));
      say(name, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], 26);
    };
    edge("x", [0, v], [1, v], ticks(x0, x1, 4).map(([value, text]) => [(value - x0) / (x1 - x0), text]));
    edge("y", [u, 0], [u, 1], ticks(y0, y1, 4).map(([value, text]) => [(value - y0) / (y1 - y0), text]));
  }
}
