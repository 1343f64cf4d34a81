"""Races on passports: the end of a race as a card of the gallery shows it, in both themes, and its numbers.

A race is run and drawn where its picture is missing or was made by other code, see `optviz.gallery.record`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generate.markdown import signed, table
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function
from optviz.optimizers import REGISTRY as RULES
from optviz.optimizers import UpdateRule, configure, refusal

BESIDE = ("sgd", "momentum", "adam")  # who runs on the page of a function
THEMES = ("light", "dark")
QUALITY, METHOD = 70, 4  # of WebP: 13 kB a picture
CELLS = 360  # of the ground, the height of a picture
TOLD = "races.json"
TUNED = "rates are tuned by [one rule for all](../../guides/choose.md)"

Race = tuple[str, tuple[str, ...]]  # a function and who runs on it
Rows = list[dict[str, str]]  # of each who runs: name, title, colour in each theme, learning rate, end


def race_of_rule(rule: UpdateRule) -> Race | None:
    """The race on a rule's page: the rule beside gradient descent, on the first function where it can run."""
    for name in ("rosenbrock", "matrix_regression"):
        if not any(refusal(one, "points", FUNCTIONS[name]) for one in (rule, configure(rule))):
            return name, (rule.name,) if rule.name == "sgd" else ("sgd", rule.name)
    return None


def race_of_function(unit: Function) -> Race | None:
    """The race on a function's page; none of a function that no map shows."""
    return (unit.name, BESIDE) if unit.dimension is None else None


def races() -> Iterator[tuple[str, Race]]:
    """Every race of a page, under the name of its picture."""
    for rule in RULES:
        if race := race_of_rule(rule):
            yield f"rule-{rule.name}", race
    for unit in FUNCTIONS:
        if race := race_of_function(unit):
            yield f"function-{unit.name}", race


def shown(name: str, alt: str, rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """The Markdown of a picture in both themes, with who is who and where each ended."""
    for theme in THEMES:
        yield f"![{alt}](../pictures/{name}-{theme}.webp){{.only-{theme} .map}}"
    yield ""
    cells = [
        (f'<i class="key" style="--light:{row["light"]};--dark:{row["dark"]}"></i>{link(row)}', row["lr"], row["end"])
        for row in rows
    ]
    yield from table(("who", "learning rate", "end"), cells)


def link(row: Mapping[str, str]) -> str:
    return f"[{row['title']}](../rules/{row['name']}.md)"


def draw(folder: Path) -> dict[str, Rows]:
    """Draw what is missing.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to list of dict
        The numbers of every race, under the name of its picture.
    """
    from optviz.gallery import record

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / TOLD
    told: dict[str, Rows] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    known, made, wanted = record.read(folder), {}, dict(races())
    for name, (function, rules) in wanted.items():
        entry = record.entry([function, *rules])
        files = [f"{name}-{theme}.webp" for theme in THEMES]
        if name not in told or any(known.get(one) != entry or not (folder / one).is_file() for one in files):
            told[name] = _draw(folder, name, function, rules)
            made |= dict.fromkeys(files, entry)
    record.write(folder, made)
    file.write_text(json.dumps({name: told[name] for name in wanted}, indent=1), "utf-8")
    return told


def _draw(folder: Path, name: str, function: str, rules: tuple[str, ...]) -> Rows:
    from PIL import Image

    import optviz
    from optviz.figures.engine.style import entrants
    from optviz.figures.engine.theme import THEMES as LOOKS
    from optviz.figures.poster import around, race_poster
    from optviz.runs.points.landscape import landscape
    from optviz.runs.points.subject import seen_function

    race = optviz.race(function, list(rules), resolution=64)
    ground = landscape(seen_function(function)[1], CELLS, around(race))
    for theme in THEMES:
        image = Image.fromarray(race_poster(race, ground, theme))
        image.save(folder / f"{name}-{theme}.webp", quality=QUALITY, method=METHOD)
    titles = {run.optimizer: run.title for run in race.trajectories}
    looks = {theme: entrants(titles, LOOKS[theme]) for theme in THEMES}
    return [
        {"name": run.optimizer, "title": run.title, "lr": _rate(race, run), "end": _end(run)}
        | {theme: looks[theme][run.optimizer].colour for theme in THEMES}
        for run in race.trajectories
    ]


def _end(run: Any) -> str:
    return run.headline().partition(": ")[2].replace("-", "−")


def _rate(race: Any, run: Any) -> str:
    if "lr" not in run.hyperparameters:
        return "–"
    return f"{signed(run.hyperparameters['lr'])} ({race.rates[run.optimizer]})"
