"""A comparison's tables as text: the same numbers in the terminal, in Markdown and in a report."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from optviz.results import pairs
from optviz.results.comparison import Comparison
from optviz.results.published import Published
from optviz.results.table import NONE, Table, listed, signed, told_apart
from optviz.results.training_published import Deviation, deviations, swapped
from optviz.results.training_run import Plane, RateSearch, Tuning
from optviz.results.training_seeds import Spread, Summary, judged
from optviz.results.words import counted

MILESTONES = (1, 5)  # epochs whose accuracy is shown beside that of the last


def tables(comparison: Comparison) -> tuple[Table, ...]:
    """The optimizers, best first; then, where there is one, the published table and the search for rates."""
    rows = comparison.ranked()
    against = deviations(comparison.published, comparison.epochs, rows)
    return (
        _optimizers(comparison, rows),
        *([_published(comparison.published, rows, against)] if comparison.published and against else []),
        *([_tuning(comparison.tuning)] if comparison.tuning else []),
    )


def _optimizers(comparison: Comparison, rows: Sequence[Summary]) -> Table:
    last = comparison.epochs
    epochs = [epoch for epoch in MILESTONES if epoch < last] + [last]
    several = any(row.runs > 1 for row in rows)
    ranked, optimum = several and len(rows) > 1, comparison.optimum
    columns: list[tuple[tuple[str, ...], Callable[[Summary], str]]] = [
        *([(("rank",), lambda row: pairs.span(row.rank))] if ranked else []),
        (("optimizer",), lambda row: _name(row, rows)),
        *([(("seeds",), _seeds)] if several else []),
        (("lr",), lambda row: _rate(row.first.hyperparameters.get("lr", math.nan))),
        *(((f"epoch {epoch}", "accuracy %"), lambda row, epoch=epoch: _accuracy(row, epoch)) for epoch in epochs),
    ]
    if several and comparison.target is None:
        columns.append((("lowest to", "highest"), lambda row: _range(row.test_accuracy, last - 1)))
    columns += [
        (("final", "train loss"), lambda row: _last(row.train_loss, lambda value: f"{value:.4f}")),
        *([(("final", "gap"), lambda row: optimum.written(optimum.last(row)) or NONE)] if optimum else []),
        *([(("training", "seconds"), lambda row: _last(row.seconds, _seconds))] if comparison.timed else []),
    ]
    if comparison.target is not None:
        goal = f"{100 * comparison.target:g} %"
        columns.append((("epochs to", goal), _epochs_to_target))
        columns += [(("seconds to", goal), _seconds_to_target)] if comparison.timed else []
    leading = {index for index, row in enumerate(rows) if row.rank[0] == 1}
    return Table(
        f"{comparison.dataset}, {comparison.network} {comparison.architecture}, batch {comparison.batch_size}",
        tuple(head for head, _ in columns),
        frozenset(index for index, (head, _) in enumerate(columns) if head == ("optimizer",)),
        tuple(tuple(cell(row) for _, cell in columns) for row in rows),
        frozenset(leading if len(leading) < len(rows) else ()),
        tuple(_notes(comparison, rows)),
    )


def _notes(comparison: Comparison, rows: Sequence[Summary]) -> Iterator[str]:
    most = max((row.runs for row in rows), default=0)
    if most > 1:
        yield from _told_apart(rows, comparison.epochs)
    elif len(rows) > 1:
        yield "One seed: differences may be chance; --seeds 5 tells."
    diverged = [row for row in rows if row.diverged]
    for row in diverged:
        which = f" in {row.diverged} of {row.runs} seeds, first" if row.runs > 1 else ""
        yield f"{_name(row, rows)} diverged{which} in epoch {row.diverged_at}."
    if diverged and most > 1:
        yield "Means are over the runs that got furthest; in ranks a diverged run counts as accuracy 0."
    if comparison.interrupted:
        yield "Interrupted: what had not ended has no place in the ranks."
    if comparison.target is not None and len(rows) > 1:
        yield "The target is looked for after each epoch: what reaches it within the same epoch is not told apart."
    if comparison.target is not None and most > 1:
        what = "Epochs and seconds" if comparison.timed else "Epochs"
        yield f"{what} to the target: medians over all seeds; a seed that missed it counts as infinite."
    if comparison.optimum is not None:
        yield _sentence(comparison.optimum.rule())
    if comparison.plane is not None:
        yield _plane(comparison.plane)
    if comparison.device != "cpu":
        shared = "; runs that were side by side share its seconds" if comparison.timed else ""
        yield f"Trained on the device {comparison.device}{shared}."


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _told_apart(rows: Sequence[Summary], epoch: int) -> Iterator[str]:
    """Which rows cannot be told apart, and what was compared how."""
    interval = "± is half the 95 % interval of a mean (Student's t)."
    if len(rows) < 2:
        yield interval
        return
    verdict = judged(rows, epoch)
    shared = [len(one.shared) for one in verdict.differences.values()]
    seeds = f"{min(shared)} to {max(shared)} seeds" if min(shared) < max(shared) else f"{max(shared)} seeds"
    if max(shared) < 2:
        yield "Too few runs ended to tell any two optimizers apart."
    else:
        yield told_apart([_name(row, rows) for row in rows], verdict.groups, seeds)
    how = f"comparing pairs seed by seed at 95 %{pairs.correction(verdict.pairs)}"
    yield f"{interval} Ranks: the places left open by {how}."


def _published(published: Published, rows: Sequence[Summary], against: Sequence[Deviation]) -> Table:
    epochs = against[0].epochs
    heads = [(f"epoch {epoch}", quantity) for epoch in epochs for quantity in ("ours", "published", "difference")]
    body = []
    for one in against:
        cells = [
            (_percent(ours), _percent(theirs), signed(100 * gap) if math.isfinite(gap) else NONE)
            for ours, theirs, gap in zip(one.ours, one.published, one.difference, strict=True)
        ]
        name = _name(one.summary, rows)
        lost = "diverged" if one.summary.diverged == one.summary.runs else ""
        body.append((name, *(cell for three in cells for cell in three), "differs" if one.differs else lost))
    return Table(
        "beside the published table: test accuracy in %, difference in points",
        (("optimizer",), *heads, ("",)),
        frozenset({0, len(heads) + 1}),
        tuple(body),
        notes=tuple(_published_notes(published, rows, against)),
    )


def _published_notes(published: Published, rows: Sequence[Summary], against: Sequence[Deviation]) -> Iterator[str]:
    epoch = against[0].epochs[-1]
    if any(one.differs for one in against):
        spread = "from the lowest to the highest or half their 95 % interval"
        yield f"differs: after epoch {epoch} by more than 1 point and what the seeds differ by, {spread}."
    placed = [one for one in against if math.isfinite(one.summary.score(epoch))]
    if len(placed) > 1:
        order = " > ".join(_name(one.summary, rows) for one in placed)
        verdict, ones = judged(rows, epoch), list(map(id, rows))
        turned = [
            f"{_name(first, rows)} before {_name(second, rows)}"
            + (" (cannot be told apart)" if verdict.alike(ones.index(id(first)), ones.index(id(second))) else "")
            for first, second in swapped(placed)
        ]
        said = f"is not the order here: {listed(turned)}" if turned else "is reproduced"
        yield f"The published order after epoch {epoch}, {order}, {said}."
    absent = published.accuracies.keys() - {one.summary.first.optimizer for one in against}
    if absent:
        yield f"Published, but not run here: {listed(sorted(absent))}."
    yield f"Published: {published.source.rstrip('.')}."


def _tuning(tuning: Tuning) -> Table:
    several = tuning.seeds > 1
    heads = [("optimizer",), ("best", "lr"), ("rates", "tried"), ("validation", "accuracy %")]
    heads += [("lowest to", "highest")] if several else []
    body = []
    for search in tuning.searches:
        best, spread = _best(search)
        cells = [" ".join(search.title.split()), _rate(search.best), f"{len(search.rates)}", _percent(best)]
        cells += [spread] if several else []
        body.append((*cells, _warning(search, best)))
    each = f"{counted(tuning.epochs, 'epoch')} and {counted(tuning.seeds, 'seed')} a trial"
    judged = f"{tuning.images:,} training images to learn from, {tuning.validation:,} others to be judged by"
    title = f"learning rates: the same search for each optimizer, {each}, {judged}"
    return Table(title, (*heads, ("",)), frozenset({0, len(heads)}), tuple(body))


def _best(search: RateSearch) -> tuple[float, str]:
    """The validation accuracy of the chosen rate, and the range over seeds."""
    if not len(search.rates):
        return math.nan, NONE
    index = int(np.argmin(np.abs(search.rates - search.best)))
    low, high = float(search.low[index]), float(search.high[index])
    return float(search.accuracies[index]), f"{_percent(low)}–{_percent(high)}" if math.isfinite(low + high) else NONE


def _warning(search: RateSearch, best: float) -> str:
    if not math.isfinite(best):
        return "every rate diverged" if len(search.rates) else ""
    if search.best >= search.rates[-1]:
        return "highest tried; a higher one may be better"
    return "lowest tried; a lower one may be better" if search.best <= search.rates[0] else ""


def _plane(plane: Plane) -> str:
    ends = [(path.title, float(path.off[-1]) if len(path.off) else math.nan) for path in plane.paths]
    off = ", ".join(f"{' '.join(title.split())} {100 * end:.0f} %" for title, end in ends if math.isfinite(end))
    held = f"Training plane of seed {plane.seed}: it holds {100 * plane.held:.1f} % of the variance of the weights"
    return f"{held}; distance from it at the end, as a share of the way from the start: {off}." if off else f"{held}."


def _name(row: Summary, rows: Sequence[Summary]) -> str:
    """The optimizer's title, and its learning rate where another row bears the same title."""
    title = " ".join(row.first.title.split())
    if Counter(other.first.title for other in rows)[row.first.title] == 1:
        return title
    return f"{title}, lr {_rate(row.first.hyperparameters.get('lr', math.nan))}"


def _seeds(row: Summary) -> str:
    """How many of its seeds the means are over."""
    count = len(row.seeds) if row.epochs else 0
    return f"{count}" if count == row.runs else f"{count} of {row.runs}"


def _rate(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else NONE


def _percent(value: float) -> str:
    return f"{100 * value:.2f}" if math.isfinite(value) else NONE


def _seconds(value: float) -> str:
    return f"{value:.{max(0, 3 - len(f'{value:.0f}'))}f}"


def _accuracy(row: Summary, epoch: int) -> str:
    """The mean after an epoch, and half its interval; what became of the row where no run got so far."""
    if epoch > row.epochs:
        return "diverged" if row.diverged == row.runs else NONE
    half = row.test_accuracy.half[epoch - 1]
    mean = _percent(row.test_accuracy.mean[epoch - 1])
    return f"{mean} ± {_percent(half)}" if math.isfinite(half) else mean


def _range(spread: Spread, index: int) -> str:
    return f"{_percent(spread.low[index])}–{_percent(spread.high[index])}" if index < len(spread.low) else NONE


def _last(spread: Spread, text: Callable[[float], str]) -> str:
    return text(float(spread.mean[-1])) if len(spread.mean) else NONE


def _epochs_to_target(row: Summary) -> str:
    target = row.target
    assert target is not None
    if not target.reached:
        return "not reached"
    if target.reached == row.runs:
        return f"{target.epochs:g}"
    share = f"{target.reached} of {row.runs}"
    return f"{target.epochs:g} ({share})" if math.isfinite(target.epochs) else f"{share} seeds"


def _seconds_to_target(row: Summary) -> str:
    target = row.target
    assert target is not None
    return _seconds(target.seconds) if math.isfinite(target.seconds) else NONE
