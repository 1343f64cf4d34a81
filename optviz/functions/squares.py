"""The residuals of test functions that are sums of squares, as Gauss-Newton and Levenberg-Marquardt ask for them."""

from math import exp

from optviz.functions import bowls, curved_valleys, equations, plates, teaching_models, valleys, wells
from optviz.functions._squares import squares


@squares(bowls.sphere)
def sphere(x, y):
    return x, y


@squares(bowls.booth)
def booth(x, y):
    return x + 2 * y - 7, 2 * x + y - 5


@squares(valleys.rosenbrock)
def rosenbrock(x, y):
    return 1 - x, 10 * (y - x**2)


@squares(curved_valleys.dixon_price)
def dixon_price(x, y):
    return x - 1, 1.4142135623730951 * (2 * y**2 - x)


@squares(curved_valleys.cube)
@squares(curved_valleys.leon)
def cube(x, y):
    return 10 * (y - x**3), 1 - x


@squares(curved_valleys.jennrich_sampson)
def jennrich_sampson(x, y):
    return (
        4 - exp(x) - exp(y),
        6 - exp(2 * x) - exp(2 * y),
        8 - exp(3 * x) - exp(3 * y),
        10 - exp(4 * x) - exp(4 * y),
        12 - exp(5 * x) - exp(5 * y),
        14 - exp(6 * x) - exp(6 * y),
        16 - exp(7 * x) - exp(7 * y),
        18 - exp(8 * x) - exp(8 * y),
        20 - exp(9 * x) - exp(9 * y),
        22 - exp(10 * x) - exp(10 * y),
    )


@squares(wells.himmelblau)
def himmelblau(x, y):
    return x**2 + y - 11, x + y**2 - 7


@squares(plates.beale)
def beale(x, y):
    return 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3


@squares(equations.freudenstein_roth)
def freudenstein_roth(x, y):
    return x - 13 + ((5 - y) * y - 2) * y, x - 29 + ((y + 1) * y - 14) * y


@squares(equations.wayburn_seader1)
def wayburn_seader1(x, y):
    return x**6 + y**4 - 17, 2 * x + y - 4


@squares(equations.price3)
def price3(x, y):
    return 10 * (y - x**2), 6.4 * (y - 0.5) ** 2 - x - 0.6


@squares(equations.price4)
def price4(x, y):
    return 2 * x**3 * y - y**3, 6 * x - y**2 + y


@squares(equations.el_attar)
def el_attar(x, y):
    return x**2 + y - 10, x + y**2 - 7, x**2 + y**3 - 1


@squares(equations.perm0)
def perm0(x, y):
    return 11 * (x - 1) + 12 * (y - 0.5), 11 * (x**2 - 1) + 12 * (y**2 - 0.25)


@squares(equations.perm)
def perm(x, y):
    return 1.5 * (x - 1) + 2.5 * (y / 2 - 1), 1.5 * (x**2 - 1) + 4.5 * (y**2 / 4 - 1)


@squares(equations.power_sum)
def power_sum(x, y):
    return x + y - 3, x**2 + y**2 - 5


@squares(teaching_models.straight_line)
def straight_line(x, y):
    return (
        (x + y - 2) / 4,
        (2 * x + y - 1.5) / 4,
        (3 * x + y - 3.5) / 4,
        (4 * x + y - 3) / 4,
        (5 * x + y - 4.5) / 4,
        (6 * x + y - 6.5) / 4,
        (7 * x + y - 6) / 4,
        (8 * x + y - 7) / 4,
    )
