"""Schedules of several pieces: levels, lines between them, other schedules after each other or multiplied."""

from math import inf, prod

from optviz.schedules import schedule
from optviz.schedules.cycles import along_cosine, along_line, between


@schedule(
    title="Piecewise constant",
    equation="the product of the scales whose boundaries are reached",
    variants=("optax",),
    durations=("at",),
    lists=("at", "scales"),
    names=("piecewise_constant_schedule", "PiecewiseConstantDecay"),
)
def piecewise_constant(done, at, scales):
    """Multiply the value by a scale of its own at each boundary.

    optax's first step of a new level is the one before which as many steps are done as the boundary says; Keras's
    PiecewiseConstantDecay begins it one step later and is told values, not scales.
    """
    return prod(scale for boundary, scale in zip(at, scales, strict=True) if boundary <= done)


@piecewise_constant.formula("keras")
def piecewise_constant_keras(done, at, scales):
    return prod(scale for boundary, scale in zip(at, scales, strict=True) if boundary < done)


@schedule(
    title="Piecewise interpolated",
    equation="between the products of the scales at the boundaries, along lines or half waves",
    variants=("linear",),
    durations=("at",),
    lists=("at", "scales"),
    names=("piecewise_interpolate_schedule",),
)
def piecewise_interpolated(done, at, scales):
    """Go from level to level; at each boundary the level is the one before times its scale, as in optax."""
    return between(done, levels(at, scales), along_line)


@piecewise_interpolated.formula("cosine")
def piecewise_cosine(done, at, scales):
    return between(done, levels(at, scales), along_cosine)


def levels(at, scales):
    """The points between which there is something to interpolate: the value at first, then that at each boundary."""
    points = [(0.0, 1.0)]
    for boundary, scale in zip(at, scales, strict=True):
        points.append((boundary, points[-1][1] * scale))
    return points


@schedule(
    title="Sequence",
    equation="the schedule whose turn it is, which counts its own steps",
    durations=("at",),
    lists=("at",),
    names=("SequentialLR", "join_schedules"),
)
def sequence(done, parts, at):
    """Follow several schedules, each from one boundary to the next; each counts its steps from its beginning.

    A schedule without a value goes on with that of the one before, and one without a length fills its part. Per cent
    in a part are of that part.
    """
    begins = 0.0, *at
    ends = *at, inf
    return next(part(done - begin) for part, begin, end in zip(parts, begins, ends, strict=True) if done < end)


@schedule(
    title="Product",
    equation="the product of the factors of several schedules",
    durations=(),
    names=("ChainedScheduler", "chained"),
)
def product(done, parts):
    """Follow several schedules at once: their factors are multiplied, and the first says the value."""
    return prod(part(done) for part in parts)
