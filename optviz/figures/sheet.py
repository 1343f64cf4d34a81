"""What all pictures of a comparison share: the page with heading and notes, and how each optimizer looks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine import theme as themes
from optviz.figures.engine.clip import Box
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Scale, checked
from optviz.figures.page import Label, Page
from optviz.results.comparison import Comparison
from optviz.results.saved import plain
from optviz.results.training_run import TrainingRun
from optviz.results.training_seeds import Summary

MARGIN = 16.0
RADIUS, RING = 5.4, 1.4  # of heads
LIBRARIES = {"keras": "Keras", "torch": "PyTorch", "paper": "papers'", "optax": "optax's"}


@dataclass(frozen=True)
class Look:
    """How one optimizer appears: its colour, its head, and its numbers."""

    colour: str
    shape: str
    summary: Summary


@dataclass(frozen=True)
class Sheet:
    """A page with heading and notes.

    Attributes
    ----------
    page : Page
    box : (left, top, right, bottom)
        What is left for the picture itself, in pixels.
    scale : Scale
    colours : Theme
    """

    page: Page
    box: Box
    scale: Scale
    colours: Theme

    def say(self, words: str) -> None:
        """Write in the middle what there is to say where there is nothing to draw."""
        left, top, right, bottom = self.box
        size = self.scale.font(15)
        lines = text.wrapped(words, right - left, size)
        first = (top + bottom) / 2 - 1.4 * size * (len(lines) - 1) / 2
        middle = (left + right) / 2
        self.page.add(
            Label(middle, first + 1.4 * size * row, line, size, self.colours.muted, anchor="center")
            for row, line in enumerate(lines)
        )


def sheet(
    comparison: Comparison,
    title: str,
    notes: Sequence[str],
    size: tuple[int, int],
    theme: str | Theme,
    counted: bool = True,
) -> Sheet:
    """A page with the title, what was trained and how far, and notes at its foot.

    Parameters
    ----------
    comparison : Comparison
    title : str
        What the picture shows; the data set's name follows it.
    notes : sequence of str
        What a reader has to know; empty ones are left out.
    size : (width, height)
        In pixels.
    theme : {"dark", "light"} or Theme
    counted : bool
        Whether to say how many epochs have ended.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size, or if the theme is unknown.
    """
    colours, (width, height) = themes.find(theme), checked(size)
    scale = Scale(min(width / 800, height / 600))
    left, right = scale.length(MARGIN), width - scale.length(MARGIN)
    page = Page((width, height), colours.page, _facts(comparison))
    counter = _counter(comparison, right, scale, colours)  # has its place also where a moving one is drawn
    if counted:
        page.add(counter)
    sizes = tuple(scale.font(pixels) for pixels in (25, 22, 18, 15))
    room = min(label.left for label in counter) - 2 * left
    shown, high = text.fitted(f"{title} on {dataset(comparison)}", room, sizes, bold=True)
    page.add([Label(left, scale.length(34), shown, high, colours.ink, bold=True)])
    small = scale.font(14)
    setting = _leading_lines(" · ".join(_setting(comparison)), right - left, small)
    pitch = round(1.3 * small)
    first = max(scale.length(57), scale.length(34) + small)
    page.add(Label(left, first + pitch * row, line, small, colours.muted) for row, line in enumerate(setting))
    top = first + pitch * (len(setting) - 1) + scale.length(11)
    small, line = scale.font(12), scale.font(12) + 4
    lines = text.wrapped(" · ".join(note for note in notes if note), right - left, small, " · ")
    foot = height - 8 - line * len(lines)
    page.add(Label(left, foot + line * (row + 0.75), words, small, colours.muted) for row, words in enumerate(lines))
    return Sheet(page, (left, top, right, foot - 8), scale, colours)


def looks(comparison: Comparison, colours: Theme) -> list[Look]:
    """The optimizers of a comparison, best first."""
    ones = sorted(comparison.summaries(), key=_final_accuracy, reverse=True)
    hue, shape = marks(comparison, colours)
    return [Look(hue[one.first.optimizer], shape[one.first.optimizer], one) for one in ones]


def marks(comparison: Comparison, colours: Theme) -> tuple[dict[str, str], dict[str, str]]:
    """The colour and the head of each optimizer, the same in all pictures of a comparison."""
    names = [run.optimizer for run in comparison.runs]
    names += [search.optimizer for search in comparison.tuning.searches] if comparison.tuning else []
    names += [one.optimizer for one in comparison.mistakes]
    return themes.colours(names, colours), themes.heads(names)


def furthest(one: Summary) -> list[TrainingRun]:
    """The runs that a summary's means are over: of the seeds that got furthest."""
    return [run for run in one.members if run.seed in one.seeds]


def nothing(comparison: Comparison) -> str:
    """Why there is nothing to draw."""
    return "every run diverged" if any(run.epochs for run in comparison.runs) else "no epoch has ended"


def dataset(comparison: Comparison) -> str:
    """The name of the data set; of a folder its last part."""
    name = comparison.dataset
    return PurePath(name).name or name if set("/\\") & set(name) else name.upper()


def _final_accuracy(one: Summary) -> float:
    return float(one.test_accuracy.mean[-1]) if one.epochs else -1.0


def _facts(comparison: Comparison) -> str:
    """What was trained, as one JSON document in plain ASCII."""
    none = np.empty(0)
    runs = tuple(replace(run, epochs=(), losses=none, predictions=none) for run in comparison.runs)
    document = plain(replace(comparison, runs=runs, labels=none, mistakes=(), plane=None))
    for name in ("labels", "mistakes", "plane"):
        del document[name]
    for run in document["runs"]:
        for name in ("title", "epochs", "losses", "predictions"):
            del run[name]
    return json.dumps(document, allow_nan=False)


def _counter(comparison: Comparison, right: float, scale: Scale, colours: Theme) -> list[Label]:
    base = scale.length(34)
    reached = max((len(run.epochs) for run in comparison.runs), default=0)
    total = Label(right, base, f" / {comparison.epochs}", scale.font(14), colours.muted, anchor="right")
    number = Label(total.left, base, str(reached), scale.font(20), colours.ink, bold=True, anchor="right")
    words = "interrupted · epoch" if comparison.interrupted else "epoch"
    return [Label(number.left - 8, base, words, scale.font(14), colours.muted, anchor="right"), number, total]


def _setting(comparison: Comparison) -> list[str]:
    tables = dict.fromkeys(run.defaults for run in comparison.runs)
    defaults = " and ".join(LIBRARIES.get(name, name) for name in tables) + " defaults"
    sources = set(comparison.rates.values())
    for source in ("tuned", "given"):
        if source in sources:
            defaults += f", {'' if len(sources) == 1 else 'some '}learning rates {source}"
    network = f"{comparison.network} {comparison.architecture}"
    return [network, f"batch {comparison.batch_size}", defaults, "same weights and batches for all"]


def _leading_lines(words: str, room: float, size: float) -> list[str]:
    """As much as fits on two lines, with an ellipsis where something is left out."""
    lines = text.wrapped(words, room, size, " · ")
    return lines if len(lines) <= 2 else [lines[0], text.shortened(" · ".join(lines[1:]), room, size)]
