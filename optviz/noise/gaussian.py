"""Gaussian noise, of one size everywhere or in proportion to the gradient."""

from math import inf

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
