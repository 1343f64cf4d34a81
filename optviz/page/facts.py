"""Plain facts that pages share: sliders, colours, shapes, the jitter of tuning."""

import base64
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from optviz.figures.engine.heads import ARROW, STAR, head
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.theme import THEMES, Theme, ramp_table, rgb
from optviz.optimizers import RANGES, Setting

SECOND = ("momentum", "beta1", "rho", "beta", "beta2")  # the slider beside the learning rate's, the first that there is
LABELS = {"momentum": "mom", "weight_decay": "wd", "eps": "ε", "rho": "ρ", "alpha": "α", "gamma": "γ", "beta": "β"}
STREAM, STARTS, JITTER = 2, 16, 0.04  # as of `optviz.runs.points.tuning`; a test compares them


def jitter(seed: int) -> list[list[float]]:
    """How far the starts of the tuning lie from the given one, in widths of the view, (16, 2)."""
    return np.random.default_rng([seed, STREAM]).uniform(-JITTER, JITTER, (STARTS, 2)).tolist()


def sliders(setting: Setting, hyper: dict[str, float]) -> list[dict[str, Any]]:
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


def themes() -> dict[str, dict[str, Any]]:
    """What scripts need of both themes."""
    return {name: _colours(theme) for name, theme in THEMES.items()}


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


def variables(own: Mapping[str, Mapping[str, str]] | None = None, only: str | None = None) -> str:
    """The colours of both themes as variables of a style sheet; of the picture that has them it shows that one.

    Parameters
    ----------
    own : dict of str to (dict of str to str), optional
        Further colours of each theme.
    only : {"dark", "light"}, optional
        The theme that a page has whatever its reader chooses. On paper colours are light ones.
    """
    rules = {name: _rule(theme, (own or {}).get(name, {})) for name, theme in THEMES.items()}
    day, night = "--day:block;--night:none", "--day:none;--night:block"
    if only:
        return f":root{{{rules[only]};{day}}}\n@media print{{:root{{{rules['light']};{day}}}}}"
    lines = [
        f":root{{{rules['light']};{day}}}",
        f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{rules["dark"]};{night}}}}}',
        f'@media screen{{:root[data-theme="dark"]{{{rules["dark"]};{night}}}}}',
    ]
    return "\n".join(lines)


def _rule(theme: Theme, own: Mapping[str, str]) -> str:
    red, green, blue = rgb(theme.panel)
    dark = theme.name == "dark"
    facts = {
        **{key: getattr(theme, key) for key in ("page", "panel", "ink", "muted", "good", "bad")},
        "line": "#30363d" if dark else "#d1d9e0",
        "accent": "#58a6ff" if dark else "#0550ae",
        "glass": f"rgba({red},{green},{blue},.88)",
        **own,
    }
    return f"color-scheme:{theme.name};" + ";".join(f"--{key}:{value}" for key, value in facts.items())


def palettes(minimizers: np.ndarray) -> dict[str, list[list[int]]]:
    """The colours of minimizers, (k, 2) float64, in both themes."""
    return {
        name: [list(rgb(colour)) for colour in minimizer_colours(minimizers, theme)] for name, theme in THEMES.items()
    }


def roles() -> dict[str, dict[str, str]]:
    """The colours of averages, sizes and points in both themes: those of the optimizers that stand for them."""
    names = ("momentum", "rmsprop", "nesterov")
    return {name: {look: theme.optimizers[name] for look, theme in THEMES.items()} for name in names}


def outlines(shapes: Any) -> dict[str, list[list[float]]]:
    """The outlines of heads by their names, and those of the star of minima and of the arrow on the rim."""
    known = {shape: head(shape, 1.0) for shape in sorted(shapes)} | {"star": STAR, "rim": ARROW}
    return {
        name: [[round(float(x), 3), round(float(y), 3)] for x, y in shape.vertices] for name, shape in known.items()
    }
