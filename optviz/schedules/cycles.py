"""Schedules that rise and fall: triangles again and again, and one cycle for the whole run."""

from math import cos, floor, pi

from optviz.schedules import schedule


@schedule(
    title="Cyclic",
    equation="base + (1 − base) h s,  h the triangle from 0 to 1, s = 1, 2^−cycle or gamma^done",
    reference="Smith 2017, arXiv:1506.01186",
    url="https://arxiv.org/abs/1506.01186",
    variants=("triangular",),
    durations=("up", "down"),
    aliases={"step_size_up": "up", "step_size_down": "down"},
    names=("CyclicLR", "triangular"),
)
def cyclic(done, up, down=0.0, base=0.25):
    """Rise from a share of the value to the whole along a line and come back, again and again.

    The way down is as long as the way up where it is not given. The peaks of ``triangular2`` are half as far above the
    base from cycle to cycle; those of ``exp_range`` shrink by gamma at each step. torch gives the base as a value and
    takes 2000 steps up by default.
    """
    return base + (1.0 - base) * triangle(done, up, down)


@cyclic.formula("triangular2")
def cyclic_halved(done, up, down=0.0, base=0.25):
    return base + (1.0 - base) * triangle(done, up, down) * 0.5 ** (done // (up + (down or up)))


@cyclic.formula("exp_range")
def cyclic_shrunk(done, up, down=0.0, base=0.25, gamma=0.999):
    return base + (1.0 - base) * triangle(done, up, down) * gamma**done


def triangle(done, up, down):
    """How high a triangle is that rises within `up` steps and falls within `down`, as a share of its top."""
    down = down or up
    done = done % (up + down)
    return done / up if done <= up else (up + down - done) / down


@schedule(
    title="One cycle",
    equation="from 1 / div_factor to 1 at pct_start of the steps, then to 1 / (div_factor final_div_factor)",
    reference="Smith & Topin 2018, arXiv:1708.07120",
    url="https://arxiv.org/abs/1708.07120",
    variants=("torch",),
    ranges={name: (0, 1, True, True) for name in ("pct_start", "pct_final")}
    | {name: (0, float("inf"), False, False) for name in ("div_factor", "final_div_factor")},
    names=("OneCycleLR", "cosine_onecycle_schedule", "linear_onecycle_schedule"),
)
def onecycle(done, steps=None, pct_start=0.3, div_factor=25.0, final_div_factor=1e4):
    """Rise to the value once, then fall far below where it began.

    torch reaches the top one step before pct_start of the steps are done and the end at the last step. optax reaches
    both one step later, the top after a whole number of steps. Both move along half waves of the cosine by default.
    ``torch-linear`` moves along lines; the three phases of ``torch-three-phase`` are up, down alike, and down from
    there. optax's linear form has three phases always: it is back at pct_final of the steps, and ends at
    1 / (div_factor final_div_factor) too.
    """
    tops = cycle_of_torch(steps, pct_start, div_factor, final_div_factor)
    return between(done, tops, along_cosine)


@onecycle.formula("torch-linear")
def onecycle_linear(done, steps=None, pct_start=0.3, div_factor=25.0, final_div_factor=1e4):
    return between(done, cycle_of_torch(steps, pct_start, div_factor, final_div_factor), along_line)


@onecycle.formula("torch-three-phase")
def onecycle_three_phase(done, steps=None, pct_start=0.3, div_factor=25.0, final_div_factor=1e4):
    return between(done, cycle_of_torch(steps, pct_start, div_factor, final_div_factor, back=True), along_cosine)


@onecycle.formula("torch-three-phase-linear")
def onecycle_three_phase_linear(done, steps=None, pct_start=0.3, div_factor=25.0, final_div_factor=1e4):
    return between(done, cycle_of_torch(steps, pct_start, div_factor, final_div_factor, back=True), along_line)


@onecycle.formula("optax")
def onecycle_optax(done, steps=None, pct_start=0.3, div_factor=25.0, final_div_factor=1e4):
    low = 1.0 / div_factor
    points = (0.0, low), (floor(pct_start * steps), 1.0), (steps, low / final_div_factor)
    return between(done, points, along_cosine)


@onecycle.formula("optax-linear")
def onecycle_optax_linear(done, steps=None, pct_start=0.3, pct_final=0.85, div_factor=25.0, final_div_factor=1e4):
    low = 1.0 / div_factor
    back = floor(pct_final * steps), low
    points = (0.0, low), (floor(pct_start * steps), 1.0), back, (steps, low / final_div_factor)
    return between(done, points, along_line)


def cycle_of_torch(steps, pct_start, div_factor, final_div_factor, back=False):
    """The points that torch's one cycle goes through: how many steps are done, and the factor then."""
    low = 1.0 / div_factor
    top = pct_start * steps - 1.0
    phases = ((2.0 * pct_start * steps - 2.0, low),) if back else ()
    return (0.0, low), (top, 1.0), *phases, (steps - 1.0, low / final_div_factor)


def between(done, points, along):
    """The height between the two points around `done`; that of the last one after it."""
    for (begin, low), (end, high) in zip(points, points[1:], strict=False):
        if done < end:
            return along(low, high, (done - begin) / (end - begin))
    return points[-1][1]


def along_line(begin, end, p):
    return (1.0 - p) * begin + p * end


def along_cosine(begin, end, p):
    return end + (begin - end) * (1.0 + cos(pi * p)) / 2.0
