"""What the BBOB functions are put together from: formulas of one or two numbers, and the slope of each.

- a **warp** bends a coordinate: ``warp(u, skew)``, with a number of its own for each coordinate;
- a **term** is what a coordinate adds to the sum, ``term(z, weight)``, a **link** what two neighbours add,
  ``link(a, b)``;
- a **finish** makes the value of the sum and of the first coordinate as it was before the warp:
  ``finish(total, first)``. Its slope is a pair, the derivatives by both.

At a kink a slope is that of one side, 0 where it has none.
"""

from math import copysign, cos, exp, fabs, floor, log, pi, sin, sqrt

# Bound by the forms.
LINKS = 1.0  # pairs of neighbours
COUNT = 2.0  # coordinates
FLATNESS = 10.0  # the power of f23's product

WEIERSTRASS = 12  # summands
KATSUURA = 32
LOWEST = -(2 - 0.5**11)  # the sum of Weierstrass's cosines where each is -1
SCHWEFEL = 420.9687463599820273  # where z sin(sqrt(abs(z))) is highest between -500 and 500
HEIGHT = 418.9828872724337063  # what it is there


def straight(u, skew):
    return u


def straight_slope(u, skew):
    return 1.0


def wavy(u, skew):
    """T_osz: waves in the logarithm, others on the negative side."""
    bent = u
    if u > 0:
        h = 10 * log(u)
        bent = exp(0.1 * h + 0.049 * (sin(h) + sin(0.79 * h)))
    elif u < 0:
        h = 10 * log(-u)
        bent = -exp(0.1 * h + 0.049 * (sin(0.55 * h) + sin(0.31 * h)))
    return bent


def wavy_slope(u, skew):
    if u > 0:
        h = 10 * log(u)
        return wavy(u, skew) / u * (1 + 0.49 * (cos(h) + 0.79 * cos(0.79 * h)))
    if u < 0:
        h = 10 * log(-u)
        return wavy(u, skew) / u * (1 + 0.49 * (0.55 * cos(0.55 * h) + 0.31 * cos(0.31 * h)))
    return 1.0


def skewed(u, skew):
    """T_asy: positive numbers grow faster."""
    return u ** (1 + skew * sqrt(u)) if u > 0 else u


def skewed_slope(u, skew):
    if u > 0:
        root = sqrt(u)
        return u ** (skew * root) * (1 + skew * root * (1 + 0.5 * log(u)))
    return 1.0


def wavy_skewed(u, skew):
    return skewed(wavy(u, skew), skew)


def wavy_skewed_slope(u, skew):
    return skewed_slope(wavy(u, skew), skew) * wavy_slope(u, skew)


def wavy_lopsided(u, skew):
    """Waves, and positive numbers are multiplied."""
    return wavy(u, skew) * skew if u > 0 else wavy(u, skew)


def wavy_lopsided_slope(u, skew):
    return wavy_slope(u, skew) * skew if u > 0 else wavy_slope(u, skew)


def rounded(u):
    nearest = floor(u + 0.5)
    return float(nearest)


def stepped(u, skew):
    """Rounded to integers, near 0 to tenths."""
    return rounded(u) if fabs(u) > 0.5 else rounded(10 * u) / 10


def stepped_slope(u, skew):
    return 0.0


def square(z, weight):
    return weight * z**2


def square_slope(z, weight):
    return 2 * weight * z


def ripple(z, weight):
    """Rastrigin's."""
    return 10 - 10 * cos(2 * pi * (weight * z)) + (weight * z) ** 2


def ripple_slope(z, weight):
    return weight * (20 * pi * sin(2 * pi * (weight * z)) + 2 * (weight * z))


def waves(z, weight):
    return 10 - 10 * cos(2 * pi * z)


def waves_slope(z, weight):
    return 20 * pi * sin(2 * pi * z)


def ramp(z, weight):
    return max(-weight * z, 0.0)


def ramp_slope(z, weight):
    return -weight if weight * z <= 0 else 0.0


def sector(z, weight):
    """Steep on the side where the optimum's own coordinate lies."""
    return 10000 * z**2 if weight * z > 0 else z**2


def sector_slope(z, weight):
    return 20000 * z if weight * z > 0 else 2 * z


def power(z, weight):
    return fabs(z) ** weight


def power_slope(z, weight):
    return copysign(weight * fabs(z) ** (weight - 1), z)


def weierstrass(z, weight):
    total, finer, lower = 0.0, 1.0, 1.0
    for _ in range(WEIERSTRASS):
        total += lower * cos(2 * pi * (z + 0.5) * finer)
        finer *= 3
        lower *= 0.5
    return total


def weierstrass_slope(z, weight):
    total, finer, steeper = 0.0, 1.0, 1.0
    for _ in range(WEIERSTRASS):
        total -= 2 * pi * steeper * sin(2 * pi * (z + 0.5) * finer)
        finer *= 3
        steeper *= 1.5
    return total


def schwefel(z, weight):
    beyond = max(0.0, fabs(z) - 500)
    swing = z * sin(sqrt(fabs(z))) if fabs(z) > 0 else 0.0
    return beyond**2 - swing / COUNT


def schwefel_slope(z, weight):
    root = sqrt(fabs(z))
    beyond = max(0.0, fabs(z) - 500)
    return copysign(2 * beyond, z) - (sin(root) + root * cos(root) / 2) / COUNT


def katsuura(z, weight):
    """The logarithm of a factor: how far multiples of a coordinate are from integers, at 32 scales."""
    distance, finer = 0.0, 1.0
    for _ in range(KATSUURA):
        finer *= 2
        distance += fabs(finer * z - rounded(finer * z)) / finer
    return log(1 + weight * distance)


def katsuura_slope(z, weight):
    distance, slope, finer = 0.0, 0.0, 1.0
    for _ in range(KATSUURA):
        finer *= 2
        off = finer * z - rounded(finer * z)
        distance += fabs(off) / finer
        slope += copysign(1.0, off) if fabs(off) > 0 else 0.0
    return weight * slope / (1 + weight * distance)


def rosenbrock(a, b):
    return 100 * (a**2 - b) ** 2 + (a - 1) ** 2


def rosenbrock_slope(a, b):
    return 400 * a * (a**2 - b) + 2 * (a - 1), -200 * (a**2 - b)


def schaffer(a, b):
    r = a**2 + b**2
    return sqrt(sqrt(r)) * (1 + sin(50 * r**0.1) ** 2) if r > 0 else 0.0


def schaffer_slope(a, b):
    r = a**2 + b**2
    if r > 0:
        wave = 50 * r**0.1
        by_square = sqrt(sqrt(r)) * (0.25 * (1 + sin(wave) ** 2) + 0.1 * wave * sin(2 * wave)) / r
        return 2 * a * by_square, 2 * b * by_square
    return 0.0, 0.0


def griewank(a, b):
    s = rosenbrock(a, b)
    return s / 4000 - cos(s)


def griewank_slope(a, b):
    by_a, by_b = rosenbrock_slope(a, b)
    outer = 1 / 4000 + sin(rosenbrock(a, b))
    return outer * by_a, outer * by_b


def plain(total, first):
    return total


def plain_slope(total, first):
    return 1.0, 0.0


def wavy_power(total, first):
    return wavy(total, 0.0) ** 0.9 if total > 0 else 0.0


def wavy_power_slope(total, first):
    return (0.9 * wavy(total, 0.0) ** -0.1 * wavy_slope(total, 0.0) if total > 0 else 0.0), 0.0


def tilted(total, first):
    """The sum, or where it is lower the first coordinate, so that the middle is no plateau."""
    return 0.1 * max(fabs(first) / 10000, total)


def tilted_slope(total, first):
    side = copysign(0.00001, first) if fabs(first) > 0 else 0.0
    return (0.0, side) if fabs(first) / 10000 >= total else (0.1, 0.0)


def ridge(total, first):
    side = 100 * sqrt(total) if total > 0 else 0.0
    return first**2 + side


def ridge_slope(total, first):
    return (50 / sqrt(total) if total > 0 else 0.0), 2 * first


def root(total, first):
    return sqrt(total) if total > 0 else 0.0


def root_slope(total, first):
    return (0.5 / sqrt(total) if total > 0 else 0.0), 0.0


def cubed_mean(total, first):
    return 10 * (total / COUNT - LOWEST) ** 3


def cubed_mean_slope(total, first):
    return 30 * (total / COUNT - LOWEST) ** 2 / COUNT, 0.0


def squared_mean(total, first):
    return (total / LINKS) ** 2


def squared_mean_slope(total, first):
    return 2 * total / LINKS**2, 0.0


def raised_mean(total, first):
    return 10 + 10 * (total / LINKS)


def raised_mean_slope(total, first):
    return 10 / LINKS, 0.0


def below_height(total, first):
    return 0.01 * (HEIGHT + total)


def below_height_slope(total, first):
    return 0.01, 0.0


def wavy_square(total, first):
    """Of the negative of the highest peak."""
    return wavy(10 + total, 0.0) ** 2


def wavy_square_slope(total, first):
    return 2 * wavy(10 + total, 0.0) * wavy_slope(10 + total, 0.0), 0.0


def flat_product(total, first):
    return 10 / COUNT**2 * (exp(FLATNESS * total) - 1)


def flat_product_slope(total, first):
    return 10 / COUNT**2 * FLATNESS * exp(FLATNESS * total), 0.0
