"""Sums along the rows and columns of matrices, and the update of rules that ask for them.

A matrix is a stretch of flat arrays, row after row. A pass goes over it once: each row is summed in 64 lanes as a block
of `optviz.formulas.adding` is, the sums of rows are joined in pairs where a sum is over the whole matrix, and columns
are summed in stripes of 64 rows, one stripe added after the other. What has been found stands in one flat array: the
sums over the whole matrix, then for each sum along rows `rows` numbers, then for each along columns `cols`.
"""

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np

from optviz.formulas.adding import LANES, nothing
from optviz.formulas.composing import made
from optviz.formulas.sums import Total, split
from optviz.kernels import slots
from optviz.kernels.cache import INNER
from optviz.kernels.column import scratch_maker
from optviz.kernels.rules import complements, rule
from optviz.kernels.specialise import compiled, inlined
from optviz.kernels.sums import in_pairs, larger
from optviz.kernels.tile_rows import put, take
from optviz.optimizers import Formula

STRIPE = 64  # rows of which columns are summed before that is added to the rows above

# Bound by `inlined`.
TERMS: Any = None  # what is summed, of an element
RULE: Any = None  # the update
KNOWN: Any = None  # step scalars with sums among them
SLOT_VIEWS: Any = None  # the slots from a row on, with those of columns from the first row on
HELD_SLOTS: Any = None  # the slots of a row and of the whole matrix
SLOTS: Any = None  # what an element takes of both
FOUND_VIEWS: Any = None  # the sums along columns
HELD: Any = None  # the sums of a row and of the whole matrix
FOUND: Any = None  # what an element takes of both
ALONG: Any = None  # picks the terms that are not summed along columns
DOWN: Any = None  # picks those that are
JOIN: Any = None  # joins the first
JOIN_DOWN: Any = None  # joins the others
NOTHING: Any = None  # the first, of no elements
NOTHING_DOWN: Any = None  # the others
SCRATCH: Any = None  # memory for lanes
TAKE_LANE: Any = None  # reads a lane
PUT_LANE: Any = None  # writes it
TAKE_ROW: Any = None  # reads the sums of a row from the room
PUT_ROW: Any = None  # writes them
IN_PAIRS: Any = None  # joins the sums of all rows
FINISH_ROWS: Any = None  # writes the sums along a row, means divided
FINISH: Any = None  # writes those of the whole matrix
NEW_VIEWS: Any = None  # the sums along columns that a pass makes
STRIPE_VIEWS: Any = None  # room for a stripe of them
TAKE_DOWN: Any = None  # reads the sums of a column
PUT_DOWN: Any = None  # writes them
FINISH_DOWN: Any = None  # divides means among them
WIDEST: Any = None  # how many columns a pass looks at, at most
COUNT: Any = None  # how many terms are summed along rows
PUT_OWN: Any = None  # writes the slots of an element
PUT_ROWS: Any = None  # writes those of a row
PUT_COLUMNS: Any = None  # writes those of a column
KEEP: Any = None  # writes the new numbers of a column into the room
PUT_SHARED: Any = None  # writes the new numbers of the whole matrix there
TAKE_SHARED: Any = None  # reads them
SET_SHARED: Any = None  # writes them where they belong


def sum_matrix(x, g, states, scalars, hyper, at, rows, cols, found, room):
    lanes, columns, new = SCRATCH(), FOUND_VIEWS(found, rows, cols), NEW_VIEWS(found, rows, cols)
    stripe = STRIPE_VIEWS(room, rows * COUNT, cols)
    for j in range(cols):
        PUT_DOWN(new, j, NOTHING_DOWN)
    for i in range(rows):
        begin = at + i * cols
        x_row, g_row = x[begin:], g[begin:]
        views, held_slots = SLOT_VIEWS(states, begin, at), HELD_SLOTS(states, at + i, at)
        held = HELD(found, rows, i)
        if i % STRIPE == 0:
            for j in range(cols):
                PUT_DOWN(stripe, j, NOTHING_DOWN)
        for lane in range(LANES):
            PUT_LANE(lanes, lane, NOTHING)
        width = min(cols, WIDEST)
        for first in range(0, width, LANES):
            for lane in range(min(LANES, width - first)):
                j = np.uint64(first + lane)
                known = KNOWN(scalars, FOUND(held, columns, j))
                terms = TERMS(x_row[j], g_row[j], *SLOTS(held_slots, views, j), *known, *hyper)
                PUT_LANE(lanes, lane, JOIN(TAKE_LANE(lanes, lane), ALONG(terms)))
                PUT_DOWN(stripe, j, JOIN_DOWN(TAKE_DOWN(stripe, j), DOWN(terms)))
        half = LANES // 2
        while half > 0:
            for lane in range(half):
                PUT_LANE(lanes, lane, JOIN(TAKE_LANE(lanes, lane), TAKE_LANE(lanes, lane + half)))
            half //= 2
        along = TAKE_LANE(lanes, 0)
        PUT_ROW(room, i * COUNT, along)
        FINISH_ROWS(found, rows, i, along, x.dtype.type(cols))
        if i % STRIPE == STRIPE - 1 or i == rows - 1:
            for j in range(cols):
                PUT_DOWN(new, j, JOIN_DOWN(TAKE_DOWN(new, j), TAKE_DOWN(stripe, j)))
    if rows > 0:
        IN_PAIRS(room, rows)
        FINISH(found, TAKE_ROW(room, 0), x.dtype.type(rows * min(cols, WIDEST)))
    for j in range(cols):
        PUT_DOWN(new, j, FINISH_DOWN(TAKE_DOWN(new, j), x.dtype.type(rows)))


def move_matrix(x, g, states, scalars, hyper, at, rows, cols, found, room):
    columns, kept = FOUND_VIEWS(found, rows, cols), STRIPE_VIEWS(room, 0, cols)
    for i in range(rows if cols > 0 else 0):
        begin = at + i * cols
        x_row, g_row = x[begin:], g[begin:]
        views, held_slots = SLOT_VIEWS(states, begin, at), HELD_SLOTS(states, at + i, at)
        held = HELD(found, rows, i)
        known = KNOWN(scalars, FOUND(held, columns, 0))
        head = RULE(x_row[0], g_row[0], *SLOTS(held_slots, views, 0), *known, *hyper)
        if i == 0:  # before anything moves, what all rows share
            PUT_SHARED(room[len(kept) * cols :], 0, head[1:])
            for j in range(cols):
                known = KNOWN(scalars, FOUND(held, columns, j))
                after = RULE(x_row[j], g_row[j], *SLOTS(held_slots, views, j), *known, *hyper)
                KEEP(kept, j, after[1:])
        for j in range(cols):
            known = KNOWN(scalars, FOUND(held, columns, j))
            new = RULE(x_row[j], g_row[j], *SLOTS(held_slots, views, j), *known, *hyper)
            x_row[j] = new[0]
            PUT_OWN(views, j, new[1:])
        PUT_ROWS(states, at + i, head[1:])
    if rows > 0 and cols > 0:
        for j in range(cols):
            PUT_COLUMNS(states, at + j, TAKE_DOWN(kept, j))
        SET_SHARED(states, at, TAKE_SHARED(room[len(kept) * cols :], 0))


def line(arguments: str, elements: Sequence[str], statement: str = "return {}") -> Any:
    """A function about a tuple of elements, to be inlined into kernels."""
    return numba.njit(**INNER)(slots.written_out(arguments, elements, statement))


class Places:
    """Where the sums and the slots of a formula for matrices stand."""

    def __init__(self, formula: Formula):
        self.formula, totals = formula, split(formula).totals
        self.totals = totals
        self.whole = [total for total in totals if not total.word.axis]
        self.rows = [total for total in totals if total.word.axis == "row"]
        self.columns = [total for total in totals if total.word.axis == "column"]

    def sums(self) -> dict[str, Any]:
        """What reads the sums that an element takes."""
        whole, rows = len(self.whole), len(self.rows)
        held = [f"found[{k}]" for k in range(whole)] + [f"found[{whole} + {k} * rows + i]" for k in range(rows)]
        place = {total: f"held[{k}]" for k, total in enumerate([*self.whole, *self.rows])}
        place |= {total: f"columns[{k}][j]" for k, total in enumerate(self.columns)}
        valued = int(self.formula.takes_value)
        known = [f"scalars[{k}]" for k in range(valued + len(self.formula.table_names))]
        known[valued:valued] = [f"sums[{k}]" for k in range(len(self.totals))]
        return {
            "KNOWN": line("scalars, sums", known),
            "FOUND_VIEWS": self.views(self.columns),
            "HELD": line("found, rows, i", held),
            "FOUND": line("held, columns, j", [place[total] for total in self.totals]),
        }

    def views(self, columns: Sequence[Total]) -> Any:
        """``views(found, rows, cols)``: some of the sums along columns."""
        whole, rows = len(self.whole), len(self.rows)
        texts = [f"found[{whole} + {rows} * rows + {self.columns.index(one)} * cols:]" for one in columns]
        return line("found, rows, cols", texts)

    def slots(self) -> dict[str, Any]:
        """What reads the slots that an element takes."""
        formula = self.formula
        views: list[str] = []
        held: list[str] = []
        taken: list[str] = []
        for k, slot in enumerate(formula.slots):
            if slot in formula.rows or slot in formula.shared:
                taken.append(f"held[{len(held)}]")
                held.append(f"states[{k}][{'row' if slot in formula.rows else 'at'}]")
            else:
                taken.append(f"views[{len(views)}][j]")
                views.append(f"states[{k}][{'at' if slot in formula.columns else 'begin'}:]")
        return {
            "SLOT_VIEWS": line("states, begin, at", views),
            "HELD_SLOTS": line("states, row, at", held),
            "SLOTS": line("held, views, j", taken),
        }

    def written(self) -> dict[str, Any]:
        """What writes slots: of elements, of rows, of columns and of the whole matrix, and keeps the last two."""
        formula = self.formula
        moving = [slot for slot in formula.slots if slot not in formula.rows and slot not in formula.shared]
        own = {slot: f"views[{k}][j]" for k, slot in enumerate(moving) if slot not in formula.columns}
        every = dict(zip(formula.slots, range(len(formula.slots)), strict=True))
        put_all = lambda places: [places.get(slot, "_") for slot in formula.slots] or ["_"]
        columns = [slot for slot in formula.slots if slot in formula.columns]
        shared = [slot for slot in formula.slots if slot in formula.shared]
        kept = {slot: f"views[{k}][j]" for k, slot in enumerate(columns)}
        aside = {slot: f"room[at + {k}]" for k, slot in enumerate(shared)}
        values = "{} = values" if formula.slots else "pass  # {}"
        return {
            "PUT_OWN": line("views, j, values", put_all(own), values),
            "PUT_ROWS": line(
                "states, row, values", put_all({s: f"states[{every[s]}][row]" for s in formula.rows}), values
            ),
            "KEEP": line("views, j, values", put_all(kept), values),
            "PUT_SHARED": line("room, at, values", put_all(aside), values),
            "STRIPE_VIEWS": stripes(len(columns)),
            "TAKE_DOWN": line("views, j", [f"views[{k}][j]" for k in range(len(columns))]),
            "PUT_COLUMNS": _put([f"states[{every[slot]}][at]" for slot in columns]),
            "TAKE_SHARED": line("room, at", [f"room[at + {k}]" for k in range(len(shared))]),
            "SET_SHARED": _put([f"states[{every[slot]}][at]" for slot in shared]),
        }


def _put(elements: Sequence[str]) -> Any:
    """``put(states, at, values)`` for some elements, or for none."""
    return line("states, at, values", elements or ["_"], "{} = values" if elements else "pass  # {}")


def stripes(count: int) -> Any:
    """``views(room, base, cols)``: room for so many numbers of each column."""
    return line("room, base, cols", [f"room[base + {k} * cols:]" for k in range(count)])


def _joined(totals: Sequence[Total]) -> Any:
    pairs = (f"LARGER(a[{k}], b[{k}])" if one.word.is_largest else f"a[{k}] + b[{k}]" for k, one in enumerate(totals))
    text = f"def join(a, b):\n    return ({''.join(f'{pair}, ' for pair in pairs)})\n"
    return numba.njit(**INNER)(made(text, {"LARGER": numba.njit(**INNER)(larger)}))


def _finished(totals: Sequence[Total], source: str) -> list[str]:
    """Means divided by how many elements there were."""
    return [f"{source}[{k}] / count" if one.word.is_mean else f"{source}[{k}]" for k, one in enumerate(totals)]


def matrix_sums(formula: Formula, number: int, dtype: type) -> Any:
    """``sums(x, g, states, scalars, hyper, at, rows, cols, found, room)``, to be inlined: a level of sums.

    The matrix begins with element `at` of the flat arrays; `scalars` are the value and the step scalars without sums.
    What is found is written to `found`, see the module; `room` is of `matrix_room` numbers.
    """
    places, level = Places(formula), split(formula).levels[number]
    along = [total for total in level.totals if total.word.axis != "column"]
    down = [total for total in level.totals if total.word.axis == "column"]
    picked = lambda totals: [f"terms[{level.totals.index(total)}]" for total in totals]
    count, inner = len(along), numba.njit(**INNER)
    whole = [k for k, total in enumerate(along) if not total.word.axis]
    rows = [k for k, total in enumerate(along) if total.word.axis]
    row_ends = _finished(along, "values")
    into_rows = [f"found[{len(places.whole)} + {places.rows.index(along[k])} * rows + i]" for k in rows]
    into_whole = [f"found[{places.whole.index(along[k])}]" for k in whole]
    lanes = ", ".join(["SCRATCH()"] * count)
    several = made(
        f"def scratch():\n    return ({lanes}{',' * bool(count)})\n", {"SCRATCH": scratch_maker(dtype, LANES)}
    )
    join = _joined(along)
    room = {"TAKE_LANE": take(*range(count)), "PUT": put(*range(count)), "COUNT": count, "JOIN": join}
    return inlined(
        sum_matrix,
        TERMS=compiled(level.terms, dtype, complements=complements(formula)),
        ALONG=line("terms", picked(along)),
        DOWN=line("terms", picked(down)),
        JOIN=join,
        JOIN_DOWN=_joined(down),
        NOTHING=tuple(dtype(nothing(total.word)) for total in along),
        NOTHING_DOWN=tuple(dtype(nothing(total.word)) for total in down),
        SCRATCH=inner(several),
        TAKE_LANE=slots.take(count),
        PUT_LANE=slots.put(count) if count else _put_nothing("lanes, lane, values"),
        TAKE_ROW=take(*range(count)),
        PUT_ROW=put(*range(count)) if count else _put_nothing("room, at, values"),
        IN_PAIRS=inlined(in_pairs, **room) if count else _put_nothing("room, parts"),
        WIDEST=1 if level.narrow else np.iinfo(np.int64).max,
        COUNT=count,
        FINISH_ROWS=_written("found, rows, i, values, count", into_rows, [row_ends[k] for k in rows]),
        FINISH=_written("found, values, count", into_whole, [row_ends[k] for k in whole]),
        NEW_VIEWS=places.views(down),
        STRIPE_VIEWS=stripes(len(down)),
        TAKE_DOWN=line("views, j", [f"views[{k}][j]" for k in range(len(down))]),
        PUT_DOWN=_written(
            "views, j, values", [f"views[{k}][j]" for k in range(len(down))], [f"values[{k}]" for k in range(len(down))]
        ),
        FINISH_DOWN=line("values, count", _finished(down, "values")),
        **places.sums(),
        **places.slots(),
    )


def _put_nothing(arguments: str) -> Any:
    return numba.njit(**INNER)(made(f"def put({arguments}):\n    pass\n", {}))


def _written(arguments: str, targets: Sequence[str], values: Sequence[str]) -> Any:
    """A function that gives targets values."""
    lines = "".join(f"    {target} = {value}\n" for target, value in zip(targets, values, strict=True))
    return numba.njit(**INNER)(made(f"def put({arguments}):\n{lines or '    pass'}\n", {}))


def matrix_move(formula: Formula, dtype: type) -> Any:
    """``move(x, g, states, scalars, hyper, at, rows, cols, found, room)``: the update, see `matrix_sums`."""
    places = Places(formula)
    return inlined(
        move_matrix,
        RULE=rule(formula, dtype),
        **places.sums(),
        **places.slots(),
        **places.written(),
    )


def found_size(formula: Formula, rows: int, cols: int) -> int:
    """How many numbers `found` holds."""
    places = Places(formula)
    return len(places.whole) + len(places.rows) * rows + len(places.columns) * cols


def matrix_room(formula: Formula, rows: int, cols: int) -> int:
    """How many numbers passes and update keep."""
    count = len(split(formula).totals)
    return count * (rows + cols) + len(formula.slots) * (cols + 1)
