"""Chebyshev's step sizes in the fractal order."""

from math import cos, pi

from optviz.schedules import schedule


def doubles(cycle):
    """Whether the order can be made by doubling."""
    power = 2 ** (int(cycle).bit_length() - 1)
    return None if cycle == power else (f"cycle is {cycle:g}, no power of 2", f"Give a power of 2: {power}")


@schedule(
    title="Chebyshev",
    equation="1 / (c − r cos((i − 1/2) π / cycle)),  c, r = (1 ± smallest) / 2,  i in fractal order",
    reference="Agarwal, Goel & Zhang 2021, arXiv:2103.01338",
    url="https://arxiv.org/abs/2103.01338",
    durations=("cycle",),
    whole=("cycle",),
    ranges={"cycle": (1, 2**20, True, True), "smallest": (0, 1, False, False)},
    check=doubles,
)
def chebyshev(done, cycle=32.0, smallest=0.05):
    """Take the step sizes of Chebyshev's polynomial in an order in which long steps are made good by short ones.

    The value is one over the largest curvature, and `smallest` the share of it that the smallest curvature has; the
    factors are about 1 to 1 / smallest, far above what is stable alone. In the order of the source, which doubles
    the one before by putting i and cycle + 1 − i beside each other, the iterates stay bounded all the way.
    """
    i = fractal(int(done % cycle), int(cycle))
    return 1.0 / ((1.0 + smallest) / 2.0 - (1.0 - smallest) / 2.0 * cos((i - 0.5) * pi / cycle))


def fractal(place, length):
    """Which number from 1 to `length` stands at a place, counted from 0, in the fractal order."""
    if length == 1:
        return 1
    before = fractal(place // 2, length // 2)
    return before if place % 2 == 0 else length + 1 - before
