"""Gaussian noise, of one size everywhere or in proportion to the gradient."""

from math import inf, sqrt

from optviz.noise import noise


@noise(
    title="Gaussian",
    equation="g + sigma ξ, ξ ~ N(0, 1)",
    ranges={"sigma": (0, inf)},
    reference="Robbins & Monro 1951, Annals of Mathematical Statistics 22(3), 400-407",
)
def gaussian(g, xi, sigma):
    """Every coordinate of the gradient is measured with an error of standard deviation sigma.

    The noise is as large at the minimizer as anywhere else, so that with a constant learning rate an optimizer comes
    to no rest but wanders about the minimizer. One sigma for each coordinate makes the noisy quadratic model.
    """
    return g + sigma * xi


@noise(
    title="Annealed",
    equation="g + σ ξ, σ² = eta / tᵞ, γ = gamma, ξ ~ N(0, 1)",
    ranges={"eta": (0, inf), "gamma": (0, inf)},
    reference="Neelakantan et al. 2015, arXiv:1511.06807, equation 1, with its t counted from 0",
)
def annealed(g, xi, t, eta=0.01, gamma=0.55):
    """Gaussian noise that is added on purpose and fades from step to step: gradient noise, around any optimizer.

    It is to help out of poor places early and not to disturb the end. The variance is eta at the first step; the
    paper's eta are 0.01, 0.3 and 1, its gamma is 0.55.
    """
    return g + sqrt(eta / t**gamma) * xi


@noise(
    title="Multiplicative",
    equation="g (1 + sigma ξ), ξ ~ N(0, 1)",
    ranges={"sigma": (0, inf)},
    reference="Vaswani, Bach & Schmidt 2019, arXiv:1810.07288, strong growth condition",
)
def multiplicative(g, xi, sigma):
    """Every coordinate is wrong by a share of its own size.

    The noise dies out at a minimizer, as that of a network that can fit every sample does: a constant learning rate
    still arrives.
    """
    return g * (1 + sigma * xi)
