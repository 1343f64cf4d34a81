// Gaussian noise on gradients, the draws of the kernels: Philox4x32-10 and the normal quantile of Wichura's AS 241.
const product = (a, b) => {
  // The high and the low word of a product of two words of 32 bits.
  const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
  const low = a0 * b0, middle = a1 * b0 + (low >>> 16), other = a0 * b1 + (middle & 0xffff);
  return [(a1 * b1 + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0, Math.imul(a, b) >>> 0];
};

function philox(c0, c1, c2, c3, k0, k1) {
  for (let i = 0; i < 10; i++) {
    const [aHigh, aLow] = product(0xd2511f53, c0), [bHigh, bLow] = product(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(bHigh ^ c1 ^ k0) >>> 0, bLow, (aHigh ^ c3 ^ k1) >>> 0, aLow];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

// An odd multiple of 2 ** -53 in (0, 1).
const uniform = (high, low) => (high * 2 ** 20 + (low >>> 12)) * 2 ** -52 + 2 ** -53;

const TOPS = [
  [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608],
  [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
];
const BOTTOMS = [
  [5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1],
  [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1],
];
const polynomial = (numbers, r) => numbers.reduce((total, number) => total * r + number, 0);

function normal(u) {
  const q = u - 0.5, tail = Math.abs(q) <= 0.425 ? 0 : 1;
  const r = tail ? Math.sqrt(-Math.log(Math.min(u, 1 - u))) - 1.6 : 0.180625 - q * q;
  return (polynomial(TOPS[tail], r) / polynomial(BOTTOMS[tail], r)) * (tail ? (q < 0 ? -1 : 1) : q);
}

// What adds noise of a size to a coordinate of a gradient at a step, as `--noise gaussian:SIGMA --seed SEED` does.
const gaussian = (sigma, seed) => (g, step, coordinate) => {
  const [high, low] = philox(step, coordinate, 0, 0, seed >>> 0, Math.floor(seed / 2 ** 32));
  return g + sigma * normal(uniform(high, low));
};
