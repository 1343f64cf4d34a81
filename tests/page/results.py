"""Small made-up results of every kind that becomes a page with its picture."""

from dataclasses import replace
from functools import cache

import numpy as np

from optviz.results import Study
from tests import studies
from tests.figures import basin_results, explanations, swarm_results, sweep_results


@cache
def basins():
    """Three optimizers; of one some runs diverge, and some end nowhere."""
    ny, nx = 30, 40
    steps = np.arange(nx * ny).reshape(ny, nx) % 290
    values = np.geomspace(1e-12, 3.0, nx * ny).reshape(ny, nx)
    maps = [
        basin_results.basin_map(nx, ny, "SGD", steps=steps, values=values, lr=0.01),
        basin_results.basin_map(nx, ny, "Momentum", steps=7, lr=0.003),
        basin_results.basin_map(nx, ny, "Adam", steps=7, never=steps < 9, diverged=steps > 280, lr=None),
    ]
    return basin_results.basins(maps)


@cache
def sweep():
    return sweep_results.sweep((60, 40), best=(20, 10), theory=sweep_results.theory())


@cache
def swarm():
    return swarm_results.swarm(("sgd", "adam"), side=8, diverged=2)


@cache
def study():
    return studies.study(functions=tuple([*studies.FUNCTIONS][:5]), optimizers=studies.SEVEN[:4], starts=20)


@cache
def explanation():
    return explanations.made(4, 3)


KINDS = {one.__name__: one for one in (basins, sweep, swarm, study, explanation)}


def with_text(result, text):
    """The result with that text in every place where there can be one."""
    rename = {
        "contender": lambda one: replace(one, title=text, defaults=text, rate=text, variant=text),
        "landscape": lambda one: replace(one, title=text, formula=text, function=text),
    }
    if isinstance(result, Study):
        several = tuple(rename["contender"](one) for one in result.contenders)
        titles = tuple(text for _ in result.function_titles)
        return replace(result, contenders=several, function_titles=titles, noise=text)
    changed = {"landscape": rename["landscape"](result.landscape)}
    for name in ("maps", "runs"):
        if hasattr(result, name):
            several = getattr(result, name)
            changed[name] = tuple(replace(one, contender=rename["contender"](one.contender)) for one in several)
    if hasattr(result, "contender"):
        changed["contender"] = rename["contender"](result.contender)
    if hasattr(result, "noise"):
        changed["noise"] = text
    if hasattr(result, "theory"):
        changed["theory"] = tuple(replace(one, text=text) for one in result.theory)
    if hasattr(result, "columns"):
        quantities = tuple(replace(one, words=text, text=text, update=text) for one in result.columns)
        changed |= {"columns": quantities, "terms": (text,) * len(result.terms)}
    return replace(result, **changed)
