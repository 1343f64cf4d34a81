"""What a page computes is what the kernels compute: every rule with all its default sets, on every function."""

import functools
import math

import numba
import numpy as np
import pytest

from optviz.formulas.adding import moved
from optviz.formulas.formula import ITERATE, VALUE
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.cache import COMPILES, OPTIONS
from optviz.kernels.specialise import compiled
from optviz.optimizers import DEFAULT_TABLES, configure, members, refusal, showing
from optviz.optimizers import REGISTRY as RULES
from optviz.page.document import script
from optviz.page.translator import Script
from optviz.page.units import function_entry, numbers, rule_entry

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

PLANE = [unit for unit in FUNCTIONS if unit.dimension is None and len(unit.bounds) == 2]
STEPS = 60
# One step from the same state may differ by rounding: of a number, or of the largest that is subtracted in it.
CLOSE = 1e-13


def settings():
    """Every formula of every rule with each set of defaults that it has, once."""
    found = {}
    for name in members("@all"):
        if refusal(RULES[name], "page"):  # its path is stored
            continue
        chosen = [configure(name, defaults=table) for table in DEFAULT_TABLES]
        chosen += [configure(name, variant=variant) for variant in RULES[name].variants]
        for setting in chosen:
            found.setdefault((setting.formula, tuple(setting.hyperparameters.items())), setting)
    return list(found.values())


SETTINGS = settings()


@pytest.fixture(scope="module")
def laboratory(browser, tmp_path_factory):
    """A page that holds all rules and all functions, and the scripts that run them."""
    code = Script()
    functions = [f'"{unit.name}": {function_entry(code, unit)}' for unit in PLANE]
    rules = [rule_entry(code, setting) for setting in SETTINGS]
    program = [
        script("numbers", "words", "runs"),
        code.text,
        f"const FUNCTIONS = {{{', '.join(functions)}}};",
        f"const RULES = [{', '.join(rules)}];",
        "Object.assign(window, { FUNCTIONS, RULES, simulate, numbersOf, course });",
    ]
    page = tmp_path_factory.mktemp("page") / "laboratory.html"
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8><script>(() => {{{chr(10).join(program)}}})();</script>")
    return browser.open(page)


ONE_STEP = """
const [name, jobs, steps] = arguments, fn = FUNCTIONS[name];
return jobs.map(({ rule: index, hyper, states: text, values: heights }) => {
  const rule = RULES[index], states = numbersOf(text), f = numbersOf(heights), width = 2 + 2 * rule.slots.length;
  const plan = course(rule, hyper, null, steps), count = states.length / width;
  let worst = 0, at = -1;
  for (let t = 0; t + 1 < count; t++) {
    const before = states.subarray(t * width, (t + 1) * width), state = Float64Array.from(before);
    const [gx, gy] = fn.gradient(state[0], state[1]);
    rule.step(state, gx, gy, f[t], plan.c(t + 1), plan.h(t + 1));
    state.forEach((got, k) => {
      const wanted = states[(t + 1) * width + k], size = Math.max(1, Math.abs(wanted), Math.abs(before[k]));
      const same = Object.is(got, wanted) || got === wanted || (Number.isNaN(got) && Number.isNaN(wanted));
      const error = same ? 0 : Math.abs(got - wanted) / size;
      if (!(error <= worst)) [worst, at] = [error, t];
    });
  }
  return [worst, at];
});
"""


def stepped(unit, setting, gradient, value, nudge=0.0):
    """States before each step, (steps + 1, 2 + 2 slots), and f at each, by compiled formulas.

    Gradients are moved by one unit in the last place towards `nudge`, where it is not 0.
    """
    formula = showing(setting.formula)
    known, hyper = setting.hyperparameters, [setting.hyperparameters[name] for name in formula.hyperparameters]
    begins = map(_initial(setting, formula), formula.slots)
    slots = [[x if begin == ITERATE else begin for x in unit.start] for begin in begins]
    point, before, states, heights = list(unit.start), {}, [], []
    for t in range(1, STEPS + 1):
        f = value(*point)
        states.append([*point, *(number for slot in slots for number in slot)])
        heights.append(f)
        reported = slots[formula.shown_slot] if formula.shown_slot >= 0 else point
        if not all(abs(number) <= unit.far for number in (*point, *reported)):
            break
        before = formula.step_scalars(float(t), known, before)
        scalars = [f if name == VALUE else float(before[name]) for name in formula.scalar_names]
        slopes = gradient(*point)
        slopes = [math.nextafter(slope, nudge) if nudge else slope for slope in slopes]
        _, after = moved(formula, point, slopes, [*zip(*slots, strict=True)] or [(), ()], scalars, hyper, carried_out)
        point, *slots = map(list, zip(*after, strict=True))
    return np.array(states, np.float64), np.array(heights, np.float64)


def _initial(setting, formula):
    begins = dict(formula.initial)

    def begin(slot):
        value = begins.get(slot, 0.0)
        return setting.hyperparameters[value] if isinstance(value, str) and value != ITERATE else value

    return begin


def carried_out(function, given, count):
    """The results of a compiled formula."""
    result = called(function)(*given)
    return result if isinstance(result, tuple) else (result,)


@functools.cache
def called(formula):
    """A compiled formula that Python may call; equal ones are compiled once."""
    inner = compiled(formula, np.float64)
    return numba.njit(**OPTIONS)(lambda *numbers: inner(*numbers))


WHOLE_PATH = """
const [name, jobs, steps, far, start] = arguments, fn = FUNCTIONS[name];
return jobs.map(({ rule: index, hyper, states: text }) => {
  const rule = RULES[index], states = numbersOf(text), width = 2 + 2 * rule.slots.length, count = states.length / width;
  const run = simulate({ fn, far }, { rule, hyper, schedules: null, noise: null }, start, count - 1);
  let worst = 0;
  for (let t = 0; t < count; t++) {
    for (const c of [0, 1]) {
      const [got, wanted] = [run.states[t * width + c], states[t * width + c]];
      const same = Object.is(got, wanted) || got === wanted || (Number.isNaN(got) && Number.isNaN(wanted));
      const error = same ? 0 : Math.abs(got - wanted) / Math.max(1, Math.abs(wanted));
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
});
"""
SPREAD = 100  # times as far as a run whose gradients are rounded otherwise by one unit in the last place


@pytest.mark.slow
@pytest.mark.parametrize("unit", PLANE, ids=lambda unit: unit.name)
def test_steps_and_paths(laboratory, unit):
    """One step from every state within `CLOSE`; whole paths within 1e-12, or `SPREAD` times what one rounding does."""
    value, gradient = called(unit.value), called(unit.gradient)
    jobs = []
    for index, setting in enumerate(SETTINGS):
        states, heights = stepped(unit, setting, gradient, value)
        given = {"rule": index, "hyper": setting.hyperparameters}
        jobs.append(given | {"states": numbers(states.ravel()), "values": numbers(heights), "path": states[:, :2]})
    plain = [{name: part for name, part in job.items() if name != "path"} for job in jobs]
    told = laboratory.run(ONE_STEP, unit.name, plain, STEPS)
    wrong = [
        (setting.text, worst, at)
        for setting, (worst, at) in zip(SETTINGS, told, strict=True)
        if not (worst is not None and worst <= CLOSE)
    ]
    assert not wrong
    for job, error in zip(jobs, laboratory.run(WHOLE_PATH, unit.name, plain, STEPS, unit.far, unit.start), strict=True):
        if error is not None and error <= 1e-12:
            continue
        setting = SETTINGS[job["rule"]]
        others = [stepped(unit, setting, gradient, value, to)[0][:, :2] for to in (math.inf, -math.inf)]
        count = min(len(job["path"]), *map(len, others))
        size = np.maximum(1, np.abs(job["path"][:count]))
        spread = max(np.nanmax(np.abs(other[:count] - job["path"][:count]) / size) for other in others)
        assert error is not None and error <= SPREAD * spread, (setting.text, error, spread)
