// A formula that a reader types: parsed by hand, never evaluated as a script; gradients by going back over its parts.
const UNARY = {
  sqrt: [Math.sqrt, (x, f) => 0.5 / f], exp: [Math.exp, (x, f) => f], log: [Math.log, (x) => 1 / x], sin: [Math.sin, (x) => Math.cos(x)], cos: [Math.cos, (x) => -Math.sin(x)],
  tan: [Math.tan, (x, f) => 1 + f * f], asin: [Math.asin, (x) => 1 / Math.sqrt(1 - x * x)], acos: [Math.acos, (x) => -1 / Math.sqrt(1 - x * x)], atan: [Math.atan, (x) => 1 / (1 + x * x)],
  sinh: [Math.sinh, (x) => Math.cosh(x)], cosh: [Math.cosh, (x) => Math.sinh(x)], tanh: [Math.tanh, (x, f) => 1 - f * f], abs: [Math.abs, (x) => Math.sign(x)], floor: [Math.floor, () => 0],
  log2: [Math.log2, (x) => 1 / (x * Math.LN2)], log10: [Math.log10, (x) => 1 / (x * Math.LN10)], log1p: [Math.log1p, (x) => 1 / (1 + x)], expm1: [Math.expm1, (x, f) => f + 1], neg: [(x) => -x, () => -1],
};
const BINARY = {
  "+": [(a, b) => a + b, () => [1, 1]], "-": [(a, b) => a - b, () => [1, -1]], "*": [(a, b) => a * b, (a, b) => [b, a]], "/": [(a, b) => a / b, (a, b) => [1 / b, -a / (b * b)]],
  "**": [(a, b) => (Number.isInteger(b) && Math.abs(b) <= 64 ? whole(a, b) : power(a, b)), (a, b, f) => [b === 0 ? 0 : b * power(a, b - 1), f === 0 ? 0 : f * Math.log(a)]],
  min: [least, (a, b) => (b < a ? [0, 1] : [1, 0])], max: [most, (a, b) => (b > a ? [0, 1] : [1, 0])], hypot: [hypot, (a, b, f) => (f === 0 ? [0, 0] : [a / f, b / f])], atan2: [Math.atan2, (a, b) => [b / (a * a + b * b), -a / (a * a + b * b)]],
};
const CONSTANTS = { pi: Math.PI, e: Math.E, tau: 2 * Math.PI };
const MOST_PARTS = 2000, DEEPEST = 100;

class FormulaError extends Error {
  constructor(text, at) {
    super(text);
    this.at = at;
  }
}

// The parts of a formula in the order in which they are computed: [kind, ...]; the last one is its value.
function parsed(text) {
  const source = text.normalize("NFKC"), tokens = [], pattern = /\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/(),])|(\S))/gy;
  for (let found; (found = pattern.exec(source)) && found[0]; ) {
    const at = pattern.lastIndex - found[0].trimStart().length;
    if (found[4]) throw new FormulaError(found[4] === "^" ? "write ** for a power" : `${found[4]} has no meaning here`, at);
    tokens.push({ number: found[1], word: found[2], sign: found[3], at });
    if (tokens.length > MOST_PARTS) throw new FormulaError("it is too long", at);
  }
  const parts = [], seen = new Map(), end = { at: source.length };
  let place = 0, depth = 0;
  const now = () => tokens[place] ?? end, add = (...part) => {
    const key = part.join(" ");
    if (!seen.has(key)) seen.set(key, parts.push(part) - 1);
    return seen.get(key);
  };
  const expect = (sign) => {
    if (now().sign !== sign) throw new FormulaError(`${sign} is missing`, now().at);
    place++;
  };
  const sum = () => {
    if (++depth > DEEPEST) throw new FormulaError("it is too deep", now().at);
    let left = product_();
    while (now().sign === "+" || now().sign === "-") left = add("binary", tokens[place++].sign, left, product_());
    depth--;
    return left;
  };
  const product_ = () => {
    let left = signed();
    while (now().sign === "*" || now().sign === "/") left = add("binary", tokens[place++].sign, left, signed());
    return left;
  };
  const signed = () => {
    if (now().sign === "-") {
      place++;
      if (++depth > DEEPEST) throw new FormulaError("it is too deep", now().at);
      const part = add("unary", "neg", signed());
      depth--;
      return part;
    }
    if (now().sign === "+") {
      place++;
      return signed();
    }
    const base = atom();
    if (now().sign !== "**") return base;
    place++;
    return add("binary", "**", base, signed());
  };
  const atom = () => {
    const token = now();
    place++;
    if (token.number !== undefined) return add("number", Number(token.number));
    if (token.sign === "(") {
      const inside = sum();
      expect(")");
      return inside;
    }
    if (token.word === "x" || token.word === "y") return add(token.word);
    if (token.word && Object.hasOwn(CONSTANTS, token.word)) return add("number", CONSTANTS[token.word]);
    if (token.word && (Object.hasOwn(UNARY, token.word) || Object.hasOwn(BINARY, token.word)) && token.word !== "neg") {
      expect("(");
      const one = sum();
      let made;
      if (Object.hasOwn(UNARY, token.word)) made = add("unary", token.word, one);
      else {
        expect(",");
        made = add("binary", token.word, one, sum());
      }
      expect(")");
      return made;
    }
    if (token === end) throw new FormulaError("something is missing at the end", token.at);
    throw new FormulaError(token.word ? `${token.word} is not known: x, y, numbers, ${Object.keys(UNARY).slice(0, 6).join(", ")} …` : `${token.sign} is out of place`, token.at);
  };
  if (!tokens.length) throw new FormulaError("a formula of x and y is missing", 0);
  sum();
  if (place < tokens.length) throw new FormulaError(tokens[place].word || tokens[place].number ? "an operator is missing before this" : `${tokens[place].sign} is out of place`, tokens[place].at);
  if (!parts.some(([kind]) => kind === "x" || kind === "y")) throw new FormulaError("it is a constant", 0);
  return parts;
}

// Value and gradient of a typed formula; throws a `FormulaError` that knows the place.
function typedFunction(text) {
  const parts = parsed(text), values = new Float64Array(parts.length), slopes = new Float64Array(parts.length), last = parts.length - 1;
  const value = (x, y) => {
    for (let k = 0; k <= last; k++) {
      const [kind, what, a, b] = parts[k];
      if (kind === "binary") values[k] = BINARY[what][0](values[a], values[b]);
      else if (kind === "unary") values[k] = UNARY[what][0](values[a]);
      else values[k] = kind === "number" ? what : kind === "x" ? x : y;
    }
    return values[last];
  };
  const gradient = (x, y) => {
    value(x, y);
    slopes.fill(0);
    slopes[last] = 1;
    let [gx, gy] = [0, 0];
    for (let k = last; k >= 0; k--) {
      const slope = slopes[k], [kind, what, a, b] = parts[k];
      if (slope === 0) continue;
      if (kind === "binary") {
        const [da, db] = BINARY[what][1](values[a], values[b], values[k]);
        if (da !== 0) slopes[a] += slope * da;
        if (db !== 0 && parts[b][0] !== "number") slopes[b] += slope * db;
      } else if (kind === "unary") slopes[a] += slope * UNARY[what][1](values[a], values[k]);
      else if (kind === "x") gx += slope;
      else if (kind === "y") gy += slope;
    }
    return [gx, gy];
  };
  return { value, gradient };
}

// The lowest point that a search finds: a grid, then smaller and smaller steps around its best places.
function lowestOf(value, [x0, x1, y0, y1]) {
  const SIDE_ = 512, heights = new Float64Array((SIDE_ + 1) ** 2), found = [];
  const place = (i, j) => [x0 + ((x1 - x0) * i) / SIDE_, y0 + ((y1 - y0) * j) / SIDE_], at = (i, j) => heights[j * (SIDE_ + 1) + i];
  for (let j = 0; j <= SIDE_; j++) for (let i = 0; i <= SIDE_; i++) {
    const height = value(...place(i, j));
    heights[j * (SIDE_ + 1) + i] = Number.isFinite(height) ? height : Infinity;
  }
  const isPit = (i, j) => {
    for (let b = Math.max(j - 1, 0); b <= Math.min(j + 1, SIDE_); b++) for (let a = Math.max(i - 1, 0); a <= Math.min(i + 1, SIDE_); a++) {
      if (at(a, b) < at(i, j)) return false;
    }
    return at(i, j) < Infinity;
  };
  for (let j = 0; j <= SIDE_; j++) for (let i = 0; i <= SIDE_; i++) if (isPit(i, j)) found.push([at(i, j), ...place(i, j)]);
  found.sort((a, b) => a[0] - b[0]);
  let best = found[0] ?? null;
  for (const [height, x, y] of found.slice(0, 24)) {
    let at = [height, x, y], [dx, dy] = [(x1 - x0) / SIDE_, (y1 - y0) / SIDE_];
    for (let turns = 0; turns < 400 && dx > 1e-14 * (x1 - x0); turns++) {
      let better = at;
      for (const [a, b] of [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]]) {
        const there = [clamp(at[1] + a * dx, x0, x1), clamp(at[2] + b * dy, y0, y1)], height_ = value(...there);
        if (height_ < better[0]) better = [height_, ...there];
      }
      if (better === at) [dx, dy] = [dx / 2, dy / 2];
      at = better;
    }
    if (at[0] < best[0]) best = at;
  }
  return best;
}

// Of four points near the corners the farthest from the lowest point at which the function has a slope.
function usualStart({ value, gradient }, [x0, x1, y0, y1], [, x, y]) {
  const [xs, ys] = [[x0, x1], [y0, y1]].map(([a, b]) => [a + 0.12 * (b - a), b - 0.12 * (b - a)]);
  const corners = [[xs[0], ys[1]], [xs[1], ys[1]], [xs[0], ys[0]], [xs[1], ys[0]]];
  corners.sort(([a, b], [c, d]) => Math.hypot(c - x, d - y) - Math.hypot(a - x, b - y));
  const good = corners.find((at) => {
    const slope = gradient(...at);
    return Number.isFinite(value(...at)) && slope.every(Number.isFinite) && slope.some(Boolean);
  });
  return good ?? [...corners, [(x0 + x1) / 2, (y0 + y1) / 2]].find((at) => Number.isFinite(value(...at))) ?? [x, y];
}
