"""The table beside training curves: optimizers in their final order, with accuracy, learning rate and seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optviz.figures import heads, text
from optviz.figures.clip import Box
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, rgba, rounded, shapes
from optviz.figures.theme import Theme
from optviz.figures.wording import number, rate
from optviz.summary import Summary

RADIUS, RING = 5.4, 1.4


@dataclass(frozen=True)
class Look:
    """How one optimizer appears: its colour, its head, and its numbers."""

    colour: str
    shape: str
    summary: Summary


def table(looks: Sequence[Look], epochs: int, box: Box, scale: Scale, theme: Theme) -> Iterator[Item]:
    """Rows in the order of `looks`, in a frame at most as high as `box`.

    A row has a second line where there is room for it; rows that do not fit at all are counted in the last one.
    """
    left, top, right, bottom = box
    line = scale.font(12) + scale.length(3)
    shown = looks[: int((bottom - top) / line)]
    height = min((bottom - top) / max(1, len(shown)), max(scale.length(70), 36))
    shown = shown if len(shown) == len(looks) else shown[:-1]
    foot = top + height * (len(shown) + (len(shown) < len(looks)))
    small = scale.font(12)
    yield shapes([(rounded((left, top, right, foot), 6), rgba(theme.grid), rgba(theme.panel), 1.0)])
    yield Label(left, top - 8, "optimizer", small, theme.muted)
    yield Label(right, top - 8, "test accuracy", small, theme.muted, anchor="right")
    for row, look in enumerate(shown):
        yield from _row(look, epochs, (left + 8, top + row * height, right - 8, top + (row + 1) * height), scale, theme)
    if len(shown) < len(looks):
        words = f"and {len(looks) - len(shown)} more"
        yield Label(left + 8, foot - height / 2 + small * 0.36, words, small, theme.muted)


def _row(look: Look, epochs: int, box: Box, scale: Scale, theme: Theme) -> Iterator[Item]:
    left, top, right, bottom = box
    radius, small = scale.length(RADIUS), scale.font(12)
    big = min(scale.font(15), bottom - top - small - 6)
    double = big >= small
    big = big if double else small
    middle = (top + bottom) / 2
    base = middle + (text.CAP_HEIGHT * big - (small + 4) * double) / 2
    one, status = look.summary, _status(look.summary, epochs)
    head = heads.head(look.shape, radius).moved(left + radius + 3, middle)
    yield shapes([(head, rgba(theme.rim), rgba(look.colour), RING)])
    left += 3 * radius + 6
    value = Label(right, base, status.value, big, getattr(theme, status.tone), bold=True, anchor="right")
    yield value
    facts = [f"lr {rate(one.first.hyperparameters['lr'])}"] if "lr" in one.first.hyperparameters else []
    if one.epochs:
        facts.append(f"{number(float(one.seconds.mean[-1]), 3)} s")
    edge = value.left - 8
    if double:
        line = base + small + 4
        room = right - left - text.width("".join(facts[:1]), small) - 8
        words = next((words for words in status.remarks if text.width(words, small) <= room), status.remarks[-1])
        remark = Label(right, line, words, small, getattr(theme, status.remark_tone), anchor="right")
        yield remark
        yield Label(left, line, leading(facts, remark.left - 8 - left, small), small, theme.muted)
    else:
        aside = Label(edge, base, leading(facts[:1], edge - left - 60, small), small, theme.muted, anchor="right")
        yield aside
        edge = aside.left - 8
    name, size = text.fitted(one.first.title, edge - left, (big, small), bold=True)
    yield Label(left, base, name, size, theme.ink if one.epochs else theme.muted, bold=True)


def leading(parts: Sequence[str], room: float, size: float) -> str:
    """As many parts, from the first on, as fit into `room` pixels on one line."""
    for count in range(len(parts), 0, -1):
        line = " · ".join(parts[:count])
        if text.width(line, size) <= room:
            return line
    return ""


@dataclass(frozen=True)
class Status:
    """What a row says on its right: above, and below in words of which the first that fit are taken."""

    value: str
    tone: str
    remarks: tuple[str, ...]
    remark_tone: str = "muted"


def _status(one: Summary, epochs: int) -> Status:
    """What went wrong comes before what went well."""
    if not one.epochs:
        when = f"in epoch {one.diverged_at}"
        return Status("diverged", "bad", (when,)) if one.diverged else Status("–", "muted", ("",))
    value = f"{one.test_accuracy.mean[-1]:.2%}"
    if one.diverged:
        count = f"{one.diverged} of {one.runs} diverged" if one.runs > 1 else "diverged"
        return Status(value, "ink", (f"{count} in epoch {one.diverged_at}", count, "diverged"), "bad")
    if one.epochs < epochs:
        return Status(value, "ink", (f"after {one.epochs} of {epochs} epochs", f"{one.epochs} of {epochs} epochs"))
    if len(one.seeds) < one.runs:
        return Status(value, "ink", (f"{len(one.seeds)} of {one.runs} seeds",))
    if len(one.seeds) > 1:
        low, high = one.test_accuracy.low[-1], one.test_accuracy.high[-1]
        return Status(value, "ink", (f"{100 * low:.2f}–{high:.2%}",))
    return Status(value, "ink", (f"loss {number(float(one.train_loss.mean[-1]), 3)}",))
