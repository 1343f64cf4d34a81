"""What other collections and papers say of test functions, and what is so: the numbers that a test recomputes."""

from dataclasses import dataclass
from math import pi


@dataclass(frozen=True)
class Erratum:
    """A statement about a function that does not hold.

    Attributes
    ----------
    function : str
    place : str
        Who says it.
    said, so : str
        The statement, and what is so.
    point : (x, y) or None
        The minimizer that is named.
    value : float or None
        The minimum that is named.
    """

    function: str
    place: str
    said: str
    so: str
    point: tuple[float, float] | None = None
    value: float | None = None


ERRATA = (
    Erratum(
        "eggholder",
        "opfunu",
        "−959.64 at (0, 0)",
        "f(0, 0) = −25.46; the minimum −959.6406627 is at (512, 404.2318051), on the border",
        (0.0, 0.0),
        -959.64,
    ),
    Erratum("michalewicz", "opfunu", "the minimizer is (0, 0)", "f(0, 0) = 0; it is (2.20290552, π/2)", (0.0, 0.0)),
    Erratum("deb1", "opfunu", "the bounds are −1 to −1", "they are −1 to 1, and hold 100 minimizers"),
    Erratum("keane", "opfunu and others", "the minimum is 0", "it is −0.6736675211, on the border", None, 0.0),
    Erratum(
        "alpine1",
        "most lists",
        "(0, 0) is the minimizer",
        "64 points in ±10 have the value 0: each coordinate is 0 or has sin x = −0.1",
        (0.0, 0.0),
        0.0,
    ),
    Erratum(
        "quintic",
        "most lists",
        "coordinates of minimizers are −1 and 2",
        "−0.402627941186 is one too, so that there are nine",
        (-1.0, 2.0),
        0.0,
    ),
    Erratum("perm", "most lists", "one minimizer, (1, 2)", "(23/13, 14/13) has the value 0 too", (1.0, 2.0), 0.0),
    Erratum("perm0", "most lists", "one minimizer, (1, ½)", "(11/23, 45/46) has the value 0 too", (1.0, 0.5), 0.0),
    Erratum(
        "test_tube_holder",
        "the literature",
        "−10.8722999 at (±π/2, 0)",
        "it is −10.8723001056 at (±1.570602614, 0)",
        (pi / 2, 0.0),
        -10.8722999,
    ),
    Erratum(
        "chichinadze",
        "the literature",
        "−43.3159 at (5.90133, 0.5)",
        "that value is nowhere: the minimum is −42.944387019, at (6.189866587, 0.5)",
        (5.90133, 0.5),
        -43.3159,
    ),
    Erratum(
        "schwefel",
        "most lists",
        "the constant 418.9829 makes the minimum 0",
        "it leaves 2.55e−5 in two dimensions; the constant is 418.9828872724338",
    ),
    Erratum(
        "schaffer4",
        "several codes",
        "the cosine without its square",
        "the published value 0.292578632 belongs to the square",
    ),
    Erratum(
        "pathological",
        "most lists",
        "(0, 0) is the minimizer",
        "in two dimensions so is every (t, t) with t = kπ/√101: 63 points in ±10",
        (0.0, 0.0),
        0.0,
    ),
    Erratum("periodic", "Jamil & Yang", "Price 2 and Periodic are two functions", "they are one"),
    Erratum(
        "langermann",
        "many copies",
        "−5.1621259 at (2.00299, 1.006096)",
        "that is the minimum of −f; with the sign of its publication f is −4.1558092918 at (2.7934022, 1.5972325)",
        (2.00299219, 1.006096),
        -5.1621259,
    ),
)
