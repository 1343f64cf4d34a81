"""Searches along a direction: which multiple of a step is taken."""

from optviz.optimizers._vectors import ahead


def backtracked(x, f, slope, p, y, gy, evaluate, rate, c1, shrink, most):
    """Shorten a step until the value falls by c1 of what the slope promises, Armijo's condition.

    Parameters
    ----------
    x, p, y, gy : (n,)
        The point, the direction, and where the point that is taken and its gradient go.
    f, slope : float
        The value at x and its derivative along p.
    rate, shrink : float
        The first multiple of p, and what it is multiplied by after each failure.
    most : float
        Evaluations.

    Returns
    -------
    rate, value : float
        The multiple that is taken, 0 for none, and the value there.
    """
    for _ in range(int(most)):
        ahead(x, rate, p, y)
        value = evaluate(y, gy)
        if value <= f + c1 * rate * slope:
            return rate, value
        rate *= shrink
    return 0.0, f
