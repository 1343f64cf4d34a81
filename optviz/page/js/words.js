// Numbers, texts and elements: every text of a reader's or author's enters the page through `textContent`.
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const raised = (whole) => [...String(whole)].map((letter) => RAISED[letter]).join("");
const stripped = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

// As in the pictures: so many significant digits, a true minus, a power of ten where it is very small or large.
function shown(value, digits = 4) {
  if (Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value), sign = value < 0 ? "−" : "", [mantissa, power] = size.toExponential(digits - 1).split("e");
  const exact = Number(size.toExponential(digits - 1)) === Number(size.toExponential(digits + 2)), exponent = Number(power);
  if (exponent > -4 && exponent < 5) {
    const text = size.toFixed(Math.max(0, digits - 1 - exponent));
    return sign + (exact ? stripped(text) : text);
  }
  const short = exact ? stripped(mantissa) : mantissa;
  return sign + (short === "1" ? `10${raised(exponent)}` : `${short}×10${raised(exponent)}`);
}
const shownGap = (gap) => (gap <= 1e-12 ? "<10⁻¹²" : shown(gap));
const plainNumber = (value) => String(Number(value.toPrecision(6)));
const pointText = (x, y) => `(${shown(x)}, ${shown(y)})`;

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "colour") made.style.setProperty("--own", value);
    else if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const numbersOf = (text, kind = Float64Array) => {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return new kind(bytes.buffer);
};
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// "Nice" ticks: about so many round numbers between two ends.
function ticks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1), unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9), found = [];
  for (let k = first; k * step <= high + 1e-9 * step; k++) found.push(k * step);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return found.map((value) => [value, value === 0 ? "0" : (value < 0 ? "−" : "") + shownTick(Math.abs(value), places)]);
}
const shownTick = (size, places) => (size >= 1e5 || places > 6 ? shown(size, 6) : size.toFixed(places));

function headPath(outline, x, y, radius) {
  const path = new Path2D();
  outline.forEach(([dx, dy], i) => (i ? path.lineTo(x + dx * radius, y + dy * radius) : path.moveTo(x + dx * radius, y + dy * radius)));
  path.closePath();
  return path;
}

// A canvas that has as many pixels as the screen has under it.
function fitted(canvas, wide, high) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const [w, h] = [Math.max(1, Math.round(wide * ratio)), Math.max(1, Math.round(high * ratio))];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext("2d");
  context.setTransform(w / wide, 0, 0, h / high, 0, 0);
  return context;
}
