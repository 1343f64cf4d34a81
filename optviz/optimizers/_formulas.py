"""What several formulas are made of besides `math`, and a logarithm for step scalars.

A comparison with NaN is false, so each of these gives NaN where the number just seen is NaN.
"""


def greater(known, seen):
    return known if known > seen else seen


def lesser(known, seen):
    return known if known < seen else seen


def clip(x, low, high):
    return low if x < low else (high if x > high else x)


def logarithm(x):
    """The natural logarithm of numbers in (0, 1] or of arrays of them, by arithmetic alone, as step scalars need it.

    Doublings bring x into [1/2, 1], which loses no digit, and ln x = 2 artanh((x - 1) / (x + 1)) is a series that 18
    terms exhaust there. What is below 2^-60 counts as if it were between 2^-61 and 2^-60.
    """
    doublings = 0.0
    for k in range(1, 61):
        doublings = doublings + 1.0 * (x < 2.0**-k)
    y = x * 2.0**doublings
    z = (y - 1) / (y + 1)
    total = 0.0
    for k in range(18):
        total = total + z ** (2 * k + 1) / (2 * k + 1)
    return 2 * total - doublings * 0.6931471805599453
