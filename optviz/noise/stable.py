"""Heavy-tailed noise: most draws are small, a few are enormous."""

from math import inf, log, pi, sin

from optviz.noise import noise


@noise(
    title="Heavy-tailed",
    equation="g + scale X, X symmetric alpha-stable",
    ranges={"alpha": (0.5, 2), "scale": (0, inf)},
    reference="Chambers, Mallows & Stuck 1976, JASA 71(354), 340-344; Simsekli et al. 2019, arXiv:1901.06053",
)
def stable(g, u, w, alpha, scale):
    """The gradient noise of networks, as Simsekli et al. see it: symmetric alpha-stable.

    At alpha = 2 it is Gaussian with variance 2, at 1 a Cauchy distribution; below 2 the variance is infinite, and the
    smaller alpha is, the farther single draws throw an optimizer. Below 0.5 they would exceed what float32 holds.

    With V = pi (u - 1/2) the source has sin(alpha V) / cos(V)^(1/alpha) * (cos((1 - alpha) V) / -ln w)^((1 - alpha) /
    alpha). Here the angles are counted from the nearer end of V's interval, where cos(V) would be lost to rounding.
    """
    end = min(u, 1 - u)
    gap = 1 - alpha / 2
    core = sin(pi * (gap + alpha * end)) / sin(pi * end) ** (1 / alpha)
    tail = (sin(pi * (gap + (alpha - 1) * end)) / -log(w)) ** ((1 - alpha) / alpha)
    return g + scale * (core * tail if u > 0.5 else -core * tail)
