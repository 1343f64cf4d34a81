// The map: the level of every pixel, as the pictures have it, computed for what is visible.

// Levels blend the logarithm of f - f* with its rank; `levelsOf` learns both from a sample and gives a quick function.
function levelsOf(sample, minimum) {
  const finite = sample.filter(Number.isFinite).sort(), ground = Number.isFinite(minimum) ? minimum : (finite[0] ?? 0);
  const top = finite.length ? finite[finite.length - 1] : ground + 1;
  const depths = finite.map((value) => clamp(value - ground, 0, 1e300));
  const missing = sample.length - finite.length, count = depths.length + missing;
  const unit = (depths[Math.floor(0.02 * depths.length)] ?? 0) + 1e-12, most = Math.log1p(clamp(top - ground, 0, 1e300) / unit) || 1;
  // The rank of a plateau is that of its lowest point.
  const steps = [], ranks = [];
  depths.forEach((depth, i) => {
    if (i === 0 || depth > depths[i - 1]) {
      steps.push(depth);
      ranks.push(i / Math.max(1, count - 1));
    }
  });
  const SIZE = 4096, table = new Float64Array(SIZE + 2);
  let at = 0;
  for (let i = 0; i <= SIZE; i++) {
    const growth = i / SIZE, depth = Math.expm1(growth * most) * unit;
    while (at + 1 < steps.length && steps[at + 1] <= depth) at++;
    const next = at + 1 < steps.length ? (depth - steps[at]) / (steps[at + 1] - steps[at]) : 0;
    const rank = steps.length ? ranks[at] + clamp(next, 0, 1) * ((ranks[at + 1] ?? ranks[at]) - ranks[at]) : 0;
    table[i] = (growth + rank) / 2;
  }
  table[SIZE + 1] = table[SIZE];
  return (value) => {
    const depth = Number.isFinite(value) ? value - ground : top - ground;
    const growth = depth <= 0 ? 0 : Math.min(Math.log1p(depth / unit) / most, 1), place = growth * SIZE, whole = Math.floor(place);
    return table[whole] + (place - whole) * (table[whole + 1] - table[whole]);
  };
}

const LIGHT = (([x, y, z]) => [x, y, z].map((part) => part / Math.hypot(x, y, z)))([-0.5, 0.62, 0.6]);
const RELIEF = 0.55 * 0.16, DENSEST = 3;

// Colours of one row of pixels, from the levels of it and its neighbours; `side` is how many pixels the view is across.
function shadeRow(pixels, at, above, row, below, width, side, lines, theme) {
  const { table, iso, opacity } = theme, last = table.length / 3 - 1, steep = side / 5;
  for (let i = 0; i < width; i++) {
    const level = row[i], left = row[i > 0 ? i - 1 : 0], right = row[i < width - 1 ? i + 1 : i];
    const across = (right - left) / (i > 0 && i < width - 1 ? 2 : 1), down = (below[i] - above[i]) / (below === row || above === row ? 1 : 2);
    const slope = Math.hypot(across, down);
    const lambert = (LIGHT[2] + steep * (LIGHT[1] * down - LIGHT[0] * across)) / Math.sqrt(1 + (steep * slope) ** 2);
    const tone = 3 * Math.round(clamp(level + RELIEF * (lambert - LIGHT[2]), 0, 1) * last) || 0;
    let cover = 0;
    const nearest = Math.round(level * lines), pace = slope * lines;
    if (nearest !== 0 && pace > 1e-6) {
      cover = clamp(1 - Math.abs(level * lines - nearest) / pace, 0, 1) * clamp(1 / pace / DENSEST - 0.35, 0, 1) * opacity;
    }
    for (let c = 0; c < 3; c++) pixels[at++] = table[tone + c] + cover * (iso[c] - table[tone + c]);
    pixels[at++] = 255;
  }
}

// Computes a map: first a coarse one at once, then every pixel in slices that leave the page alive.
class Ground {
  constructor(canvas) {
    this.canvas = canvas;
    this.job = 0;
  }

  // `place(i, j)` of a pixel of a width x height grid gives x and y; `side` as for `shadeRow`, in CSS pixels.
  draw(world, frame, theme, finished = () => {}) {
    const job = ++this.job, { wide, high } = frame, ratio = Math.min(window.devicePixelRatio || 1, 2);
    const coarse = this.levels(world, frame, Math.ceil(wide / 4), Math.ceil(high / 4));
    this.level = coarse.level;
    const lines = this.lines = lineCount(coarse);
    this.paint(coarse, lines, theme, (frame.side * coarse.width) / wide);
    const width = Math.round(wide * ratio), height = Math.round(high * ratio), side = (frame.side * width) / wide;
    const image = new ImageData(width, height), rows = [];
    let next = 0;
    const slice = () => {
      if (job !== this.job) return;
      const until = performance.now() + 9;
      while (next <= height && performance.now() < until) {
        if (next < height) rows[next] = this.row(world, frame, width, height, next, coarse.level);
        if (next > 0) {
          const at = next - 1, row = rows[at];
          shadeRow(image.data, at * width * 4, rows[at - 1] ?? row, row, rows[at + 1] ?? row, width, side, lines, theme);
          rows[at - 1] = undefined;
        }
        next++;
      }
      if (next <= height) return void later(slice);
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.getContext("2d").putImageData(image, 0, 0);
      finished();
    };
    later(slice);
  }

  row(world, frame, width, height, j, level) {
    const row = new Float64Array(width), y = frame.top - ((j + 0.5) / height) * frame.tall;
    for (let i = 0; i < width; i++) row[i] = level(world.height(frame.left + ((i + 0.5) / width) * frame.broad, y));
    return row;
  }

  levels(world, frame, width, height) {
    const raw = [];
    for (let j = 0; j < height; j++) raw.push(this.row(world, frame, width, height, j, (value) => value));
    const sample = new Float64Array(Math.ceil((width * height) / 3));
    for (let k = 0, j = 0; k < sample.length; k++, j += 3) sample[k] = raw[Math.floor(j / width)]?.[j % width] ?? NaN;
    const level = levelsOf(sample, world.minimum);
    return { level, width, height, rows: raw.map((row) => row.map(level)) };
  }

  paint({ rows, width, height }, lines, theme, side) {
    const image = new ImageData(width, height);
    rows.forEach((row, j) => shadeRow(image.data, j * width * 4, rows[j - 1] ?? row, row, rows[j + 1] ?? row, width, side, lines, theme));
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }
}

// How many iso-lines a map can carry: few where the ground is rough, up to 18 where it is calm.
function lineCount({ rows, width, height }) {
  let total = 0;
  for (let j = 1; j < height; j++) {
    for (let i = 1; i < width; i++) total += Math.hypot(rows[j][i] - rows[j][i - 1], rows[j][i] - rows[j - 1][i]) || 0;
  }
  const slope = ((total / Math.max(1, (width - 1) * (height - 1))) * Math.min(width, height)) / 120;
  return clamp(Math.round(0.3 / Math.max(slope, 1e-9)), 8, 18);
}

// Soon, but after what the reader does: timers are slowed down, messages are not.
const waiting = [], channel = new MessageChannel();
channel.port1.onmessage = () => waiting.shift()();
const later = (work) => {
  waiting.push(work);
  channel.port2.postMessage(0);
};
