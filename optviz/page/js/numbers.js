// Arithmetic as Python and Numba define it, for formulas that were translated from Python.
const squared = (x) => x * x;
const least = (a, b) => (b < a ? b : a);
const most = (a, b) => (b > a ? b : a);
const known = (before, name, usual) => (before && name in before ? before[name] : usual);
const isInfinite = (x) => x === Infinity || x === -Infinity;
const copysign = (x, sign) => (sign < 0 || Object.is(sign, -0) ? -Math.abs(x) : Math.abs(x));
const remainder = (x, y) => x % y;
const degrees = (x) => (x * 180) / Math.PI;
const radians = (x) => (x * Math.PI) / 180;
const hypot = (x, y) => Math.hypot(x, y);
// Square and multiply, the least bit first: the order in which Numba multiplies.
const whole = (x, exponent) => {
  let rest = Math.abs(exponent), base = x, result = 1;
  while (rest > 0) {
    if (rest % 2 === 1) result *= base;
    rest = Math.floor(rest / 2);
    if (rest > 0) base *= base;
  }
  return exponent < 0 ? 1 / result : result;
};
// C's pow: 1 to any power is 1, and so is -1 to an infinite one.
const power = (x, y) => (x === 1 || (x === -1 && isInfinite(y)) ? 1 : Math.pow(x, y));
const modulo = (x, y) => {
  const rest = x % y;
  if (rest === 0) return copysign(0, y);
  return rest < 0 !== y < 0 ? rest + y : rest;
};
const floorDivided = (x, y) => {
  if (y === 0) return x / y;
  const rest = x % y, quotient = (x - rest) / y - (rest !== 0 && rest < 0 !== y < 0 ? 1 : 0), below = Math.floor(quotient);
  return quotient === 0 ? copysign(0, x / y) : quotient - below > 0.5 ? below + 1 : below;
};

// How the sums of two coordinates are joined, by the words of formulas.
const JOINS = { total: (a, b) => a + b, grand_total: (a, b) => a + b, mean: (a, b) => (a + b) / 2, largest: (a, b) => (a >= b || a !== a ? a : b) };
