"""The page of a race: its runs again, computed by their reader, with every number within reach."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optviz.errors import OptvizError
from optviz.figures.engine.horizon import Heights
from optviz.figures.engine.relief import levels
from optviz.figures.engine.style import entrants
from optviz.figures.engine.theme import THEMES
from optviz.figures.race import facts
from optviz.figures.viewpoint import viewpoint
from optviz.formulas.derive import gradient_of
from optviz.formulas.typed_formula import read_formula
from optviz.functions import FAR, REGISTRY, Function
from optviz.noise import configure as configure_noise
from optviz.optimizers import Setting, configure
from optviz.page.document import document, script, style
from optviz.page.expressions import Untranslatable
from optviz.page.facts import jitter, outlines, palettes, roles, sliders, themes, variables
from optviz.page.stories import stories
from optviz.page.translator import Script
from optviz.page.units import explained, function_entry, numbers, rule_entry, schedule_entries
from optviz.results import Race, Trajectory, plain
from optviz.results.evaluations import by_evaluation
from optviz.transforms import configure as transformed
from optviz.transforms import is_transform
from optviz.writers import provenance

SCRIPTS = ("runs", "noise", "ground", "trails", "curve", "state", "chart", "surface", "page", "table", "explain")
KEPT = 60  # iterates of each run that a page keeps to check itself


@dataclass(frozen=True)
class RacePage:
    """A race as a page.

    Attributes
    ----------
    race : Race
    theme : str or None
        ``"dark"`` or ``"light"``; None for that of the reader's system.
    view : {"2d", "3d"}
        Whether the reader sees a map or a solid surface at first.
    camera : sequence of float or None
        As for `optviz.draw`.
    """

    race: Race
    theme: str | None = None
    view: str = "2d"
    camera: Sequence[float] | None = None

    @property
    def comment(self) -> str:
        """The run's facts, for programs that read the page."""
        return facts(self.race)

    def to_html(self) -> str:
        """The page, one file that needs no other."""
        race, code = by_evaluation(self.race), Script()
        landscape = race.landscape
        function, reason = _translated(race, code)
        data = _data(race, code, function is not None, self.camera)
        data |= {"reason": reason, "theme": self.theme, "solid": self.view == "3d"}
        rules = data.pop("rules")
        program = [
            script("numbers", "words"),
            code.text,
            f"const FUNCTION = {function or 'null'};",
            f"const RULES = [{', '.join(rules)}];",
            f"const SCHEDULES = {{{', '.join(data.pop('schedules'))}}};",
            script(*SCRIPTS, "controls", "race"),
        ]
        texts = {
            "generator": "optviz",
            "title": f"{landscape.title} – optviz",
            "heading": landscape.title,
            "formula": landscape.formula,
            "steps": str(race.steps),
            "unit": race.length[1],
            "gap": landscape.gap,
            "summary": race.headline() + ".",
            "provenance": race.provenance(),
            "command": typed_command(),
        }
        return document("page.html", texts, data, program, [variables(), style("base", "page")])


def typed_command() -> str:
    """The command that makes the page, as it was typed; "" where it is made from Python."""
    words = provenance.made()["command"]
    return f"optviz {shlex.join(words)}" if words else ""


def _data(race: Race, code: Script, is_translated: bool, camera: Sequence[float] | None) -> dict[str, Any]:
    """What the scripts read; ``rules`` and ``schedules`` hold JavaScript, which is not data."""
    landscape, unit = race.landscape, unit_of(race)
    rules: dict[str, int] = {}
    shown = {
        name: entrants({run.optimizer: run.title for run in race.trajectories}, theme) for name, theme in THEMES.items()
    }
    several = [_entrant(race, run, code, rules, is_translated) | _looks(run, shown) for run in race.trajectories]
    minimizers = np.concatenate([landscape.minimizers, landscape.local_minimizers]).reshape(-1, 2)
    minimum = landscape.minimum if math.isfinite(landscape.minimum) else None
    (x0, x1), (y0, y1) = landscape.view
    function = {
        "name": landscape.function,
        "title": landscape.title,
        "palette": palettes(minimizers),
        "formula": landscape.formula,
        "view": [x0, x1, y0, y1],
        "start": plain(race.start),
        "minimizers": plain(landscape.minimizers),
        "local": plain(landscape.local_minimizers),
        "minimum": minimum if minimum is not None else _least(landscape.values),
        "gap": landscape.gap,
        "camera": _camera(race, camera),
    }
    function |= {"far": unit.far if unit else FAR, "floor": -1e-8 * max(abs(function["minimum"]), 1.0)}
    return {
        "title": landscape.title,
        "function": function,
        "steps": race.steps,
        "unit": race.length[1],
        "seed": race.seed,
        "noise": _gaussian(race.noise) if any(one["rule"] is not None for one in several) and race.noise else None,
        "provenance": race.provenance(),
        "rule": (race.tuning or {}).get("rule", "the rule of optviz"),
        "jitter": jitter(race.seed),
        "entrants": several,
        "rules": list(rules),
        "schedules": schedule_entries(code, race.steps),
        "stories": stories(race, unit if race.budget is None else None),
        "themes": themes(),
        "roles": roles(),
        "heads": outlines({one.head for one in shown["dark"].values()}),
        "stored": None if is_translated else _stored(race),
    }


def _entrant(race: Race, run: Trajectory, code: Script, rules: dict[str, int], is_translated: bool) -> dict[str, Any]:
    """What a page knows of one optimizer of a race."""
    known: dict[str, Any] = {
        "name": run.optimizer,
        "title": run.title,
        "hyper": run.hyperparameters,
        "origin": race.rates[run.optimizer],
        "diverged": run.diverged_at,
        "stopped": run.stopped,
        "last": run.stopped_at,
        "rule": None,
        "reason": "",
        "sliders": [],
        "schedule": None,
    }
    try:
        if not is_translated:
            raise Untranslatable("")
        if race.noise and _gaussian(race.noise) is None:
            raise Untranslatable(f"noise {race.noise} is not drawn here")
        if race.budget is not None:
            raise Untranslatable("this page counts steps, and the race evaluations")
        setting = setting_of(run, race.steps)
        text = rule_entry(code, setting)
        known |= {"rule": rules.setdefault(text, len(rules)), "sliders": sliders(setting, run.hyperparameters)}
        known["explained"] = explained(setting)
        if setting.schedules:
            known["schedule"] = {
                name: numbers(np.array(one.factors(1, race.steps))) for name, one in setting.schedules.items()
            }
    except (Untranslatable, OptvizError) as error:
        known["reason"] = str(error)
    computed = known["rule"] is not None
    every = max(1, math.ceil(race.steps / KEPT)) if computed else 1
    known |= {"path": numbers(run.points[::every]), "every": every}
    if computed:
        return known
    if run.evaluated is not None and run.evaluated_at is not None:
        known |= {"evaluated": numbers(run.evaluated), "evaluatedAt": plain(run.evaluated_at)}
    return known | {"values": numbers(run.values)}


def _gaussian(noise: str) -> float | None:
    """The standard deviation of Gaussian noise that is the same on both coordinates; None of any other noise."""
    setting = configure_noise(noise)
    sizes = set(setting.by_coordinate(2))
    return sizes.pop()[0] if setting.model.name == "gaussian" and len(sizes) == 1 else None


def setting_of(run: Trajectory, steps: int) -> Setting:
    """The setting that made a run, from its names and numbers."""
    setting = configure(run.written or run.optimizer, defaults=run.defaults or None)
    return setting.resolved(steps)


def unit_of(race: Race) -> Function | None:
    """The test function of a race, if its name tells which it is."""
    name = race.landscape.function
    if name in REGISTRY:
        return REGISTRY[name]
    if is_transform(name):
        return transformed(name, lambda inside: REGISTRY[inside])
    return None


def _translated(race: Race, code: Script) -> tuple[str | None, str]:
    """The race's function in JavaScript, or None and why not."""
    name = race.landscape.function
    try:
        unit = unit_of(race)
        if unit is not None and unit.dimension is not None:
            return None, f"stored paths and a stored map, of two of the {unit.dimension} numbers of {unit.title}"
        if unit is not None:
            return function_entry(code, unit), ""
        if race.landscape.typed:
            return typed_entry(code, race.landscape.typed), ""
    except (Untranslatable, OptvizError) as error:
        return None, f"stored paths and a stored map: {error}"
    return None, f"stored paths and a stored map: the formula of {name} is not known here"


def typed_entry(code: Script, text: str) -> str:
    """A typed formula as `function_entry`."""
    value = read_formula(text, {})
    return f"{{value: {code.function(value)}, gradient: {code.function(gradient_of(value))}}}"


def _looks(run: Trajectory, shown: dict[str, Any]) -> dict[str, Any]:
    one = shown["dark"][run.optimizer]
    colours = {name: several[run.optimizer].colour for name, several in shown.items()}
    return {"colours": colours, "head": one.head, "dash": one.dash and list(one.dash)}


def _camera(race: Race, given: Sequence[float] | None) -> list[float]:
    """Where the solid surface is seen from at first: azimuth, elevation, height for a block two wide."""
    landscape = race.landscape
    camera = viewpoint(race, Heights(levels(landscape.values, landscape.minimum)), given)
    return [camera.azimuth, camera.elevation, 2 * camera.height]


def _stored(race: Race) -> dict[str, Any]:
    values = race.landscape.values
    every = max(1, math.ceil(len(values) / 256))
    (x0, x1), (y0, y1) = race.landscape.view
    part = values[::every, ::every].astype(np.float32)
    return {"values": numbers(part), "side": len(part), "view": [x0, x1, y0, y1]}


def _least(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.min()) if finite.size else 0.0
