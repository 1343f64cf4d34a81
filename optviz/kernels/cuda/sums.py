"""Sums over the coordinates of a run on a CUDA device, in the order of `optviz.formulas.adding`."""

from typing import Any

from optviz.formulas.adding import LANES
from optviz.formulas.sums import split
from optviz.kernels.cuda.backend import compiled, device_function, twin
from optviz.kernels.slots import put, put_some, take
from optviz.kernels.sums import level_parts
from optviz.optimizers import Formula

# Bound by `device_function`.
BEFORE: Any = None  # makes the sums of lower levels
TERMS: Any = None  # what is summed, of a coordinate
JOIN: Any = None  # two tuples of sums as one
FINISH: Any = None  # makes means of sums
NOTHING: Any = None  # the sums of no coordinates
TAKE: Any = None  # reads the state slots of a coordinate
TOTALS: Any = None  # reads the sums that are known
TAKE_LANE: Any = None  # reads the sums of a lane
PUT_LANE: Any = None  # writes them
PUT_TOTALS: Any = None  # writes the finished sums
DIMENSION: Any = None  # number of coordinates
WIDTH: Any = None  # number of lanes that hold something
NUMBER: Any = None  # the dtype


def sums_of_run(here, slope, slots, valued, scalars, own, totals, lanes):
    BEFORE(here, slope, slots, valued, scalars, own, totals, lanes)
    for lane in range(WIDTH):
        PUT_LANE(lanes, lane, NOTHING)
    for c in range(DIMENSION):
        terms = TERMS(here[c], slope[c], *TAKE(slots, c), *valued, *TOTALS(totals, 0), *scalars, *own)
        PUT_LANE(lanes, c % WIDTH, JOIN(TAKE_LANE(lanes, c % WIDTH), terms))
    half = LANES // 2
    while half > 0:
        for lane in range(min(half, WIDTH - half)):
            PUT_LANE(lanes, lane, JOIN(TAKE_LANE(lanes, lane), TAKE_LANE(lanes, lane + half)))
        half //= 2
    PUT_TOTALS(totals, 0, FINISH(TAKE_LANE(lanes, 0), NUMBER(DIMENSION)))


def no_sums(here, slope, slots, valued, scalars, own, totals, lanes):
    pass


def summing(formula: Formula, dimension: int, dtype: type) -> dict[str, Any]:
    """What a kernel of runs makes sums with: ``SUMS``, ``TOTALS``, and the shapes of the arrays that both need."""
    passes, width = split(formula), min(dimension, LANES)
    totals = twin(take(len(passes.totals)))
    sums, first = device_function(no_sums), 0
    for level in passes.levels:
        count = len(level.totals)
        parts = level_parts(formula, level, dtype, compiled)
        sums = device_function(
            sums_of_run,
            BEFORE=sums,
            TAKE=twin(take(len(formula.slots))),
            TOTALS=totals,
            TAKE_LANE=twin(take(count)),
            PUT_LANE=twin(put(count)),
            PUT_TOTALS=twin(put_some(range(first, first + count))),
            DIMENSION=dimension,
            WIDTH=width,
            NUMBER=dtype,
            **{name: part if name in ("TERMS", "NOTHING") else twin(part) for name, part in parts.items()},
        )
        first += count
    widest = max((len(level.totals) for level in passes.levels), default=1)
    return {"SUMS": sums, "TOTALS": totals, "SUMMED": (max(first, 1), 1), "LANED": (widest, width)}
