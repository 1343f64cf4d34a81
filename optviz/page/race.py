"""The page of a race: its runs again, computed by their reader, with every number within reach."""

import base64
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from optviz.errors import OptvizError
from optviz.figures.engine.heads import ARROW, STAR, head
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.style import entrants
from optviz.figures.engine.theme import THEMES, Theme, ramp_table, rgb
from optviz.formulas.derive import gradient_of
from optviz.formulas.typed_formula import looks_typed, read_formula
from optviz.functions import FAR, REGISTRY, Function
from optviz.optimizers import RANGES, Setting, configure
from optviz.page.document import document, script, style
from optviz.page.expressions import Untranslatable
from optviz.page.stories import stories
from optviz.page.translator import Script
from optviz.page.units import function_entry, numbers, schedule_entries, setting_entry
from optviz.results import Landscape, Race, Trajectory, plain
from optviz.transforms import configure as transformed
from optviz.transforms import is_transform

SCRIPTS = (
    "runs",
    "noise",
    "ground",
    "trails",
    "curve",
    "state",
    "chart",
    "surface",
    "page",
    "table",
    "controls",
    "race",
)
KEPT = 100  # iterates of each run that a page keeps to check itself
SECOND = ("momentum", "beta1", "rho", "beta", "beta2")  # the slider beside the learning rate's, the first that there is
LABELS = {"momentum": "mom", "weight_decay": "wd", "eps": "ε", "rho": "ρ", "alpha": "α", "gamma": "γ", "beta": "β"}
STREAM, STARTS, JITTER = 2, 16, 0.04  # as of `optviz.runs.points.tuning`; a test compares them


@dataclass(frozen=True)
class RacePage:
    """A race as a page.

    Attributes
    ----------
    race : Race
    theme : str or None
        ``"dark"`` or ``"light"``; None for that of the reader's system.
    command : str
        What makes the page, as it is typed; "" where nobody has typed it.
    meta : str
        HTML for the head: the provenance that programs read.
    """

    race: Race
    theme: str | None = None
    command: str = ""
    meta: str = ""

    def to_html(self) -> str:
        """The page, one file that needs no other."""
        race, code = self.race, Script()
        landscape = race.landscape
        function, reason = _translated(race, code)
        data = _data(race, code, function is not None)
        data["reason"] = reason
        rules = data.pop("rules")
        program = [
            script("numbers", "words"),
            code.text,
            f"const FUNCTION = {function or 'null'};",
            f"const RULES = [{', '.join(rules)}];",
            f"const SCHEDULES = {{{', '.join(data.pop('schedules'))}}};",
            script(*SCRIPTS),
        ]
        texts = {
            "generator": "optviz",
            "title": f"{landscape.title} – optviz",
            "heading": landscape.title,
            "formula": landscape.formula,
            "steps": str(race.steps),
            "gap": landscape.gap,
            "summary": race.headline() + ".",
            "provenance": race.provenance(),
            "command": self.command,
        }
        return document("page.html", texts, data, program, [variables(), style("page")], self.meta)


def _data(race: Race, code: Script, is_translated: bool) -> dict[str, Any]:
    """What the scripts read; ``rules`` and ``schedules`` hold JavaScript, which is not data."""
    landscape, unit = race.landscape, unit_of(race)
    rules: dict[str, int] = {}
    shown = {
        name: entrants({run.optimizer: run.title for run in race.trajectories}, theme) for name, theme in THEMES.items()
    }
    several = [_entrant(race, run, code, rules, is_translated) | _looks(run, shown) for run in race.trajectories]
    minimum = landscape.minimum if math.isfinite(landscape.minimum) else None
    (x0, x1), (y0, y1) = landscape.view
    function = {
        "name": landscape.function,
        "title": landscape.title,
        "palette": {name: _palette(landscape, theme) for name, theme in THEMES.items()},
        "formula": landscape.formula,
        "view": [x0, x1, y0, y1],
        "start": plain(race.start),
        "minimizers": plain(landscape.minimizers),
        "local": plain(landscape.local_minimizers),
        "minimum": minimum if minimum is not None else _least(landscape.values),
        "gap": landscape.gap,
    }
    function |= {"far": unit.far if unit else FAR, "floor": -1e-8 * max(abs(function["minimum"]), 1.0)}
    shapes = {one.head: head(one.head, 1.0) for one in shown["dark"].values()} | {"star": STAR, "rim": ARROW}
    return {
        "title": landscape.title,
        "function": function,
        "steps": race.steps,
        "seed": race.seed,
        "provenance": race.provenance(),
        "rule": (race.tuning or {}).get("rule", "the rule of optviz"),
        "jitter": np.random.default_rng([race.seed, STREAM]).uniform(-JITTER, JITTER, (STARTS, 2)).tolist(),
        "entrants": several,
        "rules": list(rules),
        "schedules": schedule_entries(code, race.steps),
        "stories": stories(race, unit),
        "themes": {name: _colours(theme) for name, theme in THEMES.items()},
        "heads": {name: _outline(shape) for name, shape in shapes.items()},
        "stored": None if is_translated else _stored(race),
    }


def _entrant(race: Race, run: Trajectory, code: Script, rules: dict[str, int], is_translated: bool) -> dict[str, Any]:
    """What a page knows of one optimizer of a race."""
    facts: dict[str, Any] = {
        "name": run.optimizer,
        "title": run.title,
        "hyper": run.hyperparameters,
        "origin": race.rates[run.optimizer],
        "diverged": run.diverged_at,
        "rule": None,
        "reason": "",
        "sliders": [],
        "schedule": None,
    }
    try:
        setting = setting_of(run, race.steps)
        text = setting_entry(code, setting)
        facts |= {"rule": rules.setdefault(text, len(rules)), "sliders": _sliders(setting, run.hyperparameters)}
        if setting.schedules:
            facts["schedule"] = {
                name: numbers(np.array(one.factors(1, race.steps))) for name, one in setting.schedules.items()
            }
    except (Untranslatable, OptvizError) as error:
        facts["reason"] = str(error)
    computed = is_translated and facts["rule"] is not None
    every = max(1, math.ceil(race.steps / KEPT)) if computed else 1
    facts |= {"path": numbers(run.points[::every]), "every": every}
    return facts if computed else facts | {"values": numbers(run.values)}


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
        if unit is not None:
            return function_entry(code, unit), ""
        if looks_typed(name):
            return typed_entry(code, name), ""
    except (Untranslatable, OptvizError) as error:
        return None, f"stored paths and a stored map: {error}"
    return None, f"stored paths and a stored map: the formula of {name} is not known here"


def typed_entry(code: Script, text: str) -> str:
    """A typed formula as `function_entry`."""
    value = read_formula(text, {})
    return f"{{value: {code.function(value)}, gradient: {code.function(gradient_of(value))}}}"


def _sliders(setting: Setting, hyper: dict[str, float]) -> list[dict[str, Any]]:
    """A slider for each number, the two of most interest first."""
    names = [name for name in hyper if name not in _of_schedules(setting) and RANGES.get(name) is not bool]
    second = next((name for name in SECOND if hyper.get(name) and name in names), None)
    names.sort(key=lambda name: (name != "lr", name != second))
    return [_slider(setting, name, hyper[name]) | {"first": name in ("lr", second)} for name in names]


def _of_schedules(setting: Setting) -> set[str]:
    return {f"{name}_{own}" for name, one in setting.schedules.items() for own in one.numbers}


def _slider(setting: Setting, name: str, value: float) -> dict[str, Any]:
    allowed = setting.rule.ranges.get(name, RANGES.get(name, (-math.inf, math.inf, False, False)))
    for wrapper, names in setting.wrappers:
        for own, known in names.items():
            if known == name:
                allowed = wrapper.ranges.get(own, allowed)
    if allowed is bool or not isinstance(allowed, tuple):
        allowed = (0.0, 1.0, True, True)
    low, high, low_allowed, high_allowed = allowed
    low = low if low_allowed or math.isinf(low) else math.nextafter(low, math.inf)
    high = high if high_allowed or math.isinf(high) else math.nextafter(high, -math.inf)
    if low == 0 and 0.99 < high <= 1 and value >= 0:
        scale = "share"
    else:
        scale = "decades" if low >= 0 and value > 0 and math.isinf(high) else "even"
    label = LABELS.get(name) or (
        f"β{'₀₁₂₃₄₅₆₇₈₉'[int(name[4])]}" if name[:4] == "beta" and name[4:].isdigit() else name
    )
    return {"name": name, "label": label, "low": max(low, -1e300), "high": min(high, 1e300), "scale": scale}


def _looks(run: Trajectory, shown: dict[str, Any]) -> dict[str, Any]:
    one = shown["dark"][run.optimizer]
    colours = {name: several[run.optimizer].colour for name, several in shown.items()}
    return {"colours": colours, "head": one.head, "dash": one.dash and list(one.dash)}


def _colours(theme: Theme) -> dict[str, Any]:
    table = np.rint(ramp_table(theme.ramp, 256) * 255).astype(np.uint8)
    red, green, blue = rgb(theme.casing[0])
    return {
        "page": theme.page,
        "ink": theme.ink,
        "muted": theme.muted,
        "grid": theme.grid,
        "rim": theme.rim,
        "halo": theme.page if theme.name == "light" else theme.ramp[0],
        "casing": f"rgba({red},{green},{blue},{theme.casing[1]})",
        "iso": list(rgb(theme.iso[0])),
        "opacity": theme.iso[1],
        "ramp": base64.b64encode(table.tobytes()).decode(),
    }


def variables() -> str:
    """The colours of both themes as variables of a style sheet."""
    rules = []
    for name, theme in THEMES.items():
        red, green, blue = rgb(theme.panel)
        facts = {
            **{key: getattr(theme, key) for key in ("page", "panel", "ink", "muted", "good", "bad")},
            "line": "#30363d" if name == "dark" else "#d1d9e0",
            "accent": "#58a6ff" if name == "dark" else "#0550ae",
            "glass": f"rgba({red},{green},{blue},.88)",
        }
        text = ";".join(f"--{key}:{value}" for key, value in facts.items())
        rules.append(f':root[data-theme="{name}"]{{color-scheme:{name};{text}}}')
        rules.append(f"@media (prefers-color-scheme:{name}){{:root:not([data-theme]){{color-scheme:{name};{text}}}}}")
    return "\n".join(rules)


def _palette(landscape: Landscape, theme: Theme) -> list[list[int]]:
    minimizers = np.concatenate([landscape.minimizers, landscape.local_minimizers]).reshape(-1, 2)
    return [list(rgb(colour)) for colour in minimizer_colours(minimizers, theme)]


def _outline(shape: Any) -> list[list[float]]:
    return [[round(float(x), 3), round(float(y), 3)] for x, y in shape.vertices[: len(shape.vertices)]]


def _stored(race: Race) -> dict[str, Any]:
    values = race.landscape.values
    every = max(1, math.ceil(len(values) / 256))
    (x0, x1), (y0, y1) = race.landscape.view
    part = values[::every, ::every].astype(np.float32)
    return {"values": numbers(part), "side": len(part), "view": [x0, x1, y0, y1]}


def _least(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.min()) if finite.size else 0.0
