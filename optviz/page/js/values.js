// What lies under a place of the picture: `lines(region, column, row)` of each kind of result; rows count from the top.
const ending = (reached, arrived, diverged, minimizers) => {
  if (diverged > 0) return `diverged at step ${counted(diverged)}`;
  if (reached < 0) return "ends at no minimizer";
  return `ends at ${pointText(...minimizers[reached])}${arrived >= 0 ? `, after ${counted(arrived)} step${arrived === 1 ? "" : "s"}` : ""}`;
};
const counted = (whole) => whole.toLocaleString("en-US");

// Where nothing is stored but words: the cells of a study, the steps of an explanation.
const WORDS = {
  size: ({ columns, rows }) => [columns, rows],
  lines: ({ columns, cells }, column, row) => cells[row * columns + column],
};

const KNOWN = {
  basins({ facts, arrays }, { every }) {
    const [columns, rows] = facts.resolution, [[x0, x1], [y0, y1]] = facts.bounds;
    const size = arrays["optimizers.0.reached"].shape;
    return {
      size: () => [size[1], size[0]],
      lines({ of }, column, row) {
        const up = size[0] - 1 - row, at = up * size[1] + column, value = (name) => arrays[`optimizers.${of}.${name}`].values[at];
        const x = x0 + ((column * every + 0.5) / columns) * (x1 - x0), y = y0 + ((up * every + 0.5) / rows) * (y1 - y0);
        const end = value("values");
        return [
          facts.optimizers[of].title, `start ${pointText(x, y)}`,
          ending(value("reached"), value("arrived"), value("diverged"), facts.minimizers),
          ...(Number.isNaN(end) ? [] : [`f = ${shown(end, 3)} at the end`]),
        ];
      },
    };
  },
  sweep({ facts, arrays }, { every }) {
    const size = arrays.values.shape;
    return {
      size: () => [size[1], size[0]],
      lines(region, column, row) {
        const up = size[0] - 1 - row, at = up * size[1] + column, value = (name) => arrays[name].values[at], steps = value("arrived"), end = value("values");
        const told = value("diverged") > 0 ? `diverged at step ${counted(value("diverged"))}` : steps < 0 ? `not within ${counted(facts.steps)} steps` : `${counted(steps)} step${steps === 1 ? "" : "s"}`;
        return [
          told, `${facts.x.name} ${shown(facts.x.values[column * every])}`, `${facts.y.name} ${shown(facts.y.values[up * every])}`,
          ...(Number.isNaN(end) ? [] : [`f = ${shown(end, 3)} at the end`]),
        ];
      },
    };
  },
  swarm({ facts, arrays }) {
    const side = 96, near = 0.04, last = facts.moments.length - 1;
    // The dot nearest to the middle of a cell: where its run is, and in the end also where it has started.
    const nearest = ({ of, moment, view: [x0, x1, y0, y1] }, column, row) => {
      const { shape, values } = arrays[`optimizers.${of}.points`], now = facts.moments.indexOf(moment);
      const u = (column + 0.5) / side, v = 1 - (row + 0.5) / side;
      let best = null, least = near ** 2;
      for (const k of now === last ? [now, 0] : [now])
        for (let i = 0; i < shape[1]; i++) {
          const at = 2 * (k * shape[1] + i), a = (values[at] - x0) / (x1 - x0), b = (values[at + 1] - y0) / (y1 - y0), far = (a - u) ** 2 + (b - v) ** 2;
          if (far < least) [best, least] = [{ run: i, at: [a, 1 - b] }, far];
        }
      return best && { ...best, point: (k) => [values[2 * (k * shape[1] + best.run)], values[2 * (k * shape[1] + best.run) + 1]], now };
    };
    return {
      size: () => [side, side], nearest,
      lines(region, column, row) {
        const dot = nearest(region, column, row), one = facts.optimizers[region.of];
        if (!dot) return [one.title, "no run near here"];
        const value = (name) => arrays[`optimizers.${region.of}.${name}`].values[dot.run], now = dot.point(dot.now);
        return [
          one.title, `start ${pointText(...dot.point(0))}`,
          ...(Number.isFinite(now[0]) && dot.now > 0 ? [`${dot.now === last ? "end" : `step ${counted(region.moment)}`} ${pointText(...now)}`] : []),
          ending(value("reached"), value("arrived"), value("diverged"), facts.minimizers),
        ];
      },
    };
  },
};
