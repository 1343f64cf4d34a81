"""Solvers written again from their papers, in NumPy, slow and plain: each gives the iterates of a number of steps."""

import itertools

import numpy as np


class Problem:
    """Value, gradient and Hessian of a test function at NumPy points."""

    def __init__(self, unit):
        self.unit = unit

    def f(self, x):
        return self.unit.value_at(x.tolist())

    def g(self, x):
        return np.array(self.unit.gradient_at(x.tolist()))

    def h(self, x):
        xx, xy, yy = self.unit.hessian(*x.tolist())
        return np.array([[xx, xy], [xy, yy]])

    def j(self, x):
        """The Jacobian of the residuals, by central differences of a step at which they lose few digits."""
        step = 1e-6
        ends = [
            (np.array(self.unit.residuals(*(x + step * e))) - np.array(self.unit.residuals(*(x - step * e)))) / 2 / step
            for e in np.eye(2)
        ]
        return np.array(ends).T

    def r(self, x):
        return np.array(self.unit.residuals(*x.tolist()))


def gd_backtracking(p, x, steps, first=1.0, shrink=0.5, c1=1e-4):
    path = [x]
    for _ in range(steps):
        g = p.g(x)
        rate = next(first * shrink**k for k in itertools.count() if sufficient(p, x, -g, first * shrink**k, c1))
        x = x - rate * g
        path.append(x)
    return path


def sufficient(p, x, direction, rate, c1=1e-4):
    return p.f(x + rate * direction) <= p.f(x) + c1 * rate * (p.g(x) @ direction)


def barzilai_borwein(p, x, steps, first=1e-3, long=True):
    path, rate = [x], first
    for _ in range(steps):
        new = x - rate * p.g(x)
        s, y = new - x, p.g(new) - p.g(x)
        x = new
        path.append(x)
        rate = ((s @ s) / (s @ y) if long else (s @ y) / (y @ y)) if s @ y > 0 else first
    return path


def newton(p, x, steps):
    path = [x]
    for _ in range(steps):
        x = x - np.linalg.solve(p.h(x), p.g(x))
        path.append(x)
    return path


def damped_newton(p, x, steps, shift=1e-3):
    path = [x]
    for _ in range(steps):
        h = p.h(x)
        tau = 0.0 if min(np.diag(h)) > 0 else shift - min(np.diag(h))
        while np.linalg.eigvalsh(h + tau * np.eye(2))[0] <= 0:
            tau = max(2 * tau, shift)
        direction = -np.linalg.solve(h + tau * np.eye(2), p.g(x))
        x = x + next(0.5**k for k in itertools.count() if sufficient(p, x, direction, 0.5**k)) * direction
        path.append(x)
    return path


def saddle_free(p, x, steps, least=1e-6):
    path = [x]
    for _ in range(steps):
        w, q = np.linalg.eigh(p.h(x))
        x = x - q @ ((q.T @ p.g(x)) / np.maximum(abs(w), least))
        path.append(x)
    return path


def gauss_newton(p, x, steps):
    path = [x]
    for _ in range(steps):
        x = x - np.linalg.lstsq(p.j(x), p.r(x), rcond=None)[0]
        path.append(x)
    return path


def levenberg_marquardt(p, x, steps, first=1e-3):
    path, damping = [x], first
    for _ in range(steps):
        j = p.j(x)
        while True:
            scaled = np.vstack([j, np.sqrt(damping * np.diag(np.diag(j.T @ j)))])
            step = np.linalg.lstsq(scaled, np.append(p.r(x), [0, 0]), rcond=None)[0]
            if p.f(x - step) < p.f(x):
                break
            damping *= 10
        x, damping = x - step, damping / 10
        path.append(x)
    return path


def compass(p, x, steps, size=0.5):
    path = [x]
    for _ in range(steps):
        tried = [x + size * side * e for e in np.eye(len(x)) for side in (1, -1)]
        best = min(tried, key=p.f)
        x, size = (best, size) if p.f(best) < p.f(x) else (x, size / 2)
        path.append(x)
    return path


def hooke_jeeves(p, x, steps, size=0.5):
    """Kaupe's Algorithm 178, an iteration of ours for each exploration that counts."""

    def explore(y, value):
        for e in np.eye(len(y)):
            for side in (size, -size):
                if p.f(y + side * e) < value:
                    y = y + side * e
                    value = p.f(y)
                    break
        return y, value

    path, before = [x], x
    for _ in range(steps):
        if (before != x).any():
            y = 2 * x - before
            y, value = explore(y, p.f(y))
            before = x
            if value < p.f(x):
                x = y
                path.append(x)
                continue
        y, value = explore(x, p.f(x))
        if value < p.f(x):
            before, x = x, y
        else:
            size /= 2
        path.append(x)
    return path


def inverse_by_pairs(pairs, n):
    """The BFGS inverse Hessian of some steps and changes, densely: Nocedal & Wright 2006, equations 6.17 and 7.20."""
    s, y = pairs[-1]
    h = (s @ y) / (y @ y) * np.eye(n)
    for s, y in pairs:
        rho = 1 / (y @ s)
        v = np.eye(n) - rho * np.outer(s, y)
        h = v @ h @ v.T + rho * np.outer(s, s)
    return h


def conjugate_gradients(a, b, x, steps):
    """Hestenes's and Stiefel's, on the quadratic with the matrix a: Nocedal & Wright 2006, Algorithm 5.2."""
    r = a @ x - b
    p, path = -r, [x]
    for _ in range(steps):
        rate = (r @ r) / (p @ a @ p)
        x, old, r = x + rate * p, r, r + rate * a @ p
        p = -r + (r @ r) / (old @ old) * p
        path.append(x)
    return path
