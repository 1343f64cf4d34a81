"""Solvers from 10,000 starts at once, against a loop over SciPy: ``python tests/benchmarks/bench_solvers.py``.

Run it on a quiet machine. Both sides have one thread, and SciPy's linear algebra too. SciPy runs from a sample of the
starts, as its loop takes minutes, and the time is scaled; it is given value and gradient in one plain function of two
numbers, the quickest that Python has, and stops by its own rules. Ours makes for every start as many iterations as
SciPy's longest run of the sample, so that it ends at least as low; shares of both that arrive are shown. The sides run
in turns; of each side's rounds the least counts.
"""

import time

import numpy as np

COUNT, SAMPLE, ROUNDS = 10_000, 100, 3
NEAR = 1e-6  # of the minimum: arrived
PAIRS = {
    "lbfgs": ("L-BFGS-B", True),
    "bfgs": ("BFGS", True),
    "conjugate_gradients": ("CG", True),
    "nelder_mead": ("Nelder-Mead", False),
    "trust_region": ("trust-exact", True),
    "damped_newton": ("Newton-CG", True),
    "levenberg_marquardt": ("lm", True),
}


def slopes(p):
    """Rosenbrock's value and gradient."""
    x, y = p.tolist()
    a, b = 1 - x, y - x * x
    return a * a + 100 * b * b, np.array((-2 * a - 400 * x * b, 200 * b))


def value(p):
    return slopes(p)[0]


def hessian(p):
    x, y = p.tolist()
    return np.array(((2 + 1200 * x * x - 400 * y, -400 * x), (-400 * x, 200.0)))


def residuals(p):
    x, y = p.tolist()
    return np.array((1 - x, 10 * (y - x * x)))


def jacobian(p):
    return np.array(((-1.0, 0.0), (-20 * p[0], 10.0)))


def with_scipy(method, sloped, starts):
    """Seconds of a loop, the most iterations of a run, and the share that arrives."""
    from scipy.optimize import least_squares, minimize

    second = {"hess": hessian} if method in ("trust-exact", "Newton-CG") else {}
    most, arrived = 0, 0
    begin = time.perf_counter()
    for start in starts:
        if method == "lm":
            result = least_squares(residuals, start, jac=jacobian, method="lm")
            most, arrived = max(most, result.nfev), arrived + (2 * result.cost < NEAR)
            continue
        result = minimize(slopes if sloped else value, start, jac=sloped or None, method=method, **second)
        most, arrived = max(most, result.nit), arrived + (result.fun < NEAR)
    return time.perf_counter() - begin, most, arrived / len(starts)


def ours(name, steps, starts):
    """Seconds of `minimize_many`, everything included that it does, and the share that arrives."""
    from optviz import minimize_many

    begin = time.perf_counter()
    batch = minimize_many("rosenbrock", name, starts, steps, threads=1)
    return time.perf_counter() - begin, float((batch.values < NEAR).mean())


def main() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    starts = np.random.default_rng(0).uniform(-2, 2, (COUNT, 2))
    print(f"{COUNT:,} starts on rosenbrock, one thread; scipy's {SAMPLE} x {COUNT // SAMPLE}")
    heads = "solver", "ours, ms", "arrive", "scipy", "loop, s", "arrive", "steps", "times"
    print("{:22}{:>10}{:>8}   {:13}{:>9}{:>8}{:>7}{:>8}".format(*heads))
    for name, (method, sloped) in PAIRS.items():
        ours(name, 2, starts[:10])  # compiles
        here, there = [], []
        for _ in range(ROUNDS):
            there.append(with_scipy(method, sloped, starts[:SAMPLE]))
            here.append(ours(name, there[0][1], starts))
        mine, (loop, steps, share) = min(here), min(there)
        loop *= COUNT / SAMPLE
        print(
            f"{name:22}{mine[0] * 1e3:10.0f}{mine[1]:8.1%}   {method:13}{loop:9.1f}{share:8.1%}{steps:7}"
            f"{loop / mine[0]:8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
