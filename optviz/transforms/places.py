"""Transforms of the place: the inner function is asked at another point."""

from math import cos, radians, sin

from optviz.functions import Function
from optviz.transforms import Change, transform
from optviz.transforms._transformed import box_around, is_inside, square_around

MINUS = "\N{MINUS SIGN}"
MARGIN = 0.03  # how far a start keeps off the edges of a view, as a share of it


def typeset(number: float) -> str:
    """A number with a true minus."""
    return f"{number:g}".replace("-", MINUS)


def less(name: str, number: float) -> str:
    """``x − 1``, ``x + 1`` or ``x``, typeset."""
    sign = MINUS if number > 0 else "+"
    return f"{name} {sign} {abs(number):g}" if number else name


@transform(
    title="Shifted",
    equation="f(x − dx, y − dy)",
    reference="Hansen et al. 2009, INRIA research report RR-6829: the optimum of each BBOB function is shifted",
    names=("translated",),
)
def shifted(function: Function, dx: float = 1.0, dy: float = 1.0) -> Change:
    """Everything moves by (dx, dy): bounds, start and minimizers too, so that no rule's path changes but in its place.

    It tells what favours the origin: weight decay, a start at 0, and methods that are drawn to the middle. In n
    dimensions dx and dy take turns.
    """
    step = (dx, dy)
    return Change(
        title=f"shifted by ({typeset(dx)}, {typeset(dy)})",
        formula=f"g({less('x', dx)}, {less('y', dy)})",
        general_formula="g(x − d),  d = (" + ", ".join(map(typeset, step)) + ", …)",
        at=(f"x - {dx!r}", f"y - {dy!r}"),
        each=(f"(u - {dx!r})", f"(u - {dy!r})"),
        moved=lambda point: tuple(at + step[k % 2] for k, at in enumerate(point)),
    )


def turn(degrees: float) -> tuple[float, float]:
    """Cosine and sine of an angle, exact for multiples of 90°."""
    quarters = round(degrees / 90)
    rest = radians(degrees - 90 * quarters)
    c, s = cos(rest), sin(rest)
    return ((c, s), (-s, c), (-c, -s), (s, -c))[quarters % 4]


@transform(
    title="Tilted",
    equation="f(x cos φ + y sin φ, y cos φ − x sin φ),  φ = degrees",
    reference="Salomon 1996, BioSystems 39(3), 263-278: rotated benchmark functions",
    ranges={"degrees": (-360, 360, True, True)},
    names=("rotated", "turned"),
)
def tilted(function: Function, degrees: float = 30.0) -> Change:
    """The map turns about the origin, against the clock.

    A rule that works on each coordinate by itself, as Adam does, goes another way; gradient descent and momentum go
    the turned way. The bounds stay as they are where all minimizers and the start are still inside; else they are the
    box around the turned bounds. In their corners lies what the function does outside of its own bounds. Two variables
    only.
    """
    c, s = turn(degrees)
    moved = lambda point: (c * point[0] - s * point[1], s * point[0] + c * point[1])
    bounds, view = function.bounds, function.view
    if function.dimension is None:
        marked = [*map(moved, (*function.minimizers, *function.local_minimizers))]
        start = moved(function.start)
        if not all(is_inside(point, bounds) for point in (*marked, start)):
            bounds = box_around(bounds, moved)
        seen = [moved(point) for point in function.minimizers if is_inside(point, view)]
        if not (all(is_inside(point, view) for point in seen) and is_inside(start, view, MARGIN)):
            view = square_around(box_around(view, moved))
    return Change(
        title=f"turned by {typeset(degrees)}°",
        formula=f"g(R(x, y)),  R turns by {typeset(-degrees)}°",
        at=(f"{c!r} * x + {s!r} * y", f"{c!r} * y - {s!r} * x"),
        each=None,
        moved=moved,
        bounds=bounds,
        view=view,
    )


@transform(
    title="Stretched",
    equation="f(x/kx, y/ky)",
    reference="Hansen et al. 2009, INRIA research report RR-6829: the scaling Λ of the BBOB functions",
    ranges=dict.fromkeys(("kx", "ky"), (1e-6, 1e6, True, True)),
    names=("scaled",),
)
def stretched(function: Function, kx: float = 10.0, ky: float = 1.0) -> Change:
    """The map is stretched about the origin, kx times along x and ky times along y.

    Curvatures shrink by kx² and ky²: unequal factors make a round bowl a ravine. A rule whose steps follow the size of
    the gradient notices it, a Newton step does not. In n dimensions kx and ky take turns.
    """
    factors = (kx, ky)
    over = lambda name, k: name if k == 1 else f"{name}/{k:g}"
    return Change(
        title=f"stretched by ({kx:g}, {ky:g})",
        formula=f"g({over('x', kx)}, {over('y', ky)})",
        general_formula=f"g(x/k),  k = ({kx:g}, {ky:g}, …)",
        at=(f"x / {kx!r}", f"y / {ky!r}"),
        each=(f"(u / {kx!r})", f"(u / {ky!r})"),
        moved=lambda point: tuple(at * factors[k % 2] for k, at in enumerate(point)),
    )


@transform(
    title="Sheared",
    equation="f(x − k y, y)",
    reference="Strang 1988, Linear Algebra and Its Applications, third edition, linear transformations",
    ranges={"k": (-1000, 1000, True, True)},
)
def sheared(function: Function, k: float = 1.0) -> Change:
    """Rows of the map slide along x, by k times their y: a round bowl becomes a tilted, longer one.

    The bounds are the box around the sheared ones. Two variables only.
    """
    inside = f"x {MINUS if k > 0 else '+'} {abs(k):g}y" if k else "x"
    return Change(
        title=f"sheared by {typeset(k)}",
        formula=f"g({inside}, y)",
        at=(f"x - {k!r} * y", "y"),
        each=None,
        moved=lambda point: (point[0] + k * point[1], point[1]),
    )


def reflected(u, low, high):
    result = u
    if u < low or u > high:
        width = high - low
        way = (u - low) % (2 * width)
        result = low + (way if way <= width else 2 * width - way)
    return result


@transform(
    title="Mirrored",
    equation="f(m(x), m(y)),  m goes back and forth between the bounds",
    reference="Hansen et al. 2009, IEEE Transactions on Evolutionary Computation 13(1), 180-197: mirrored bounds",
    names=("reflected",),
)
def mirrored(function: Function) -> Change:
    """Beyond each bound the function continues as its mirror image, and so on: nothing lies lower than inside.

    It makes a walk in a box of any run: what leaves it by one step sees what it would see inside. Where the function
    falls towards a bound, the mirror makes a kink of it.
    """
    (x_low, x_high), (y_low, y_high), *_ = function.bounds
    kinks = any(at in pair for point in function.minimizers for at, pair in zip(point, function.bounds, strict=True))
    horizontal, vertical = f"reflected({{}}, {x_low!r}, {x_high!r})", f"reflected({{}}, {y_low!r}, {y_high!r})"
    is_repeated = all(pair == function.bounds[k % 2] for k, pair in enumerate(function.bounds))
    return Change(
        title="mirrored at its bounds",
        formula="g(m(x), m(y)),  m: back and forth between the bounds",
        general_formula="g(m(x)),  m: back and forth between the bounds",
        at=(horizontal.format("x"), vertical.format("y")),
        each=(horizontal.format("u"), vertical.format("u")) if is_repeated else None,
        scope={"reflected": reflected},
        bounds=function.bounds,
        view=function.view,
        keeps=True,
        hazards="a kink along each bound" if kinks else "",
        lost=("falls",),
        gained=("kink",) if kinks else (),
    )
