"""How a comparison was made: setting, hyperparameters, statistics, command, sources, and the numbers themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from optviz import __version__
from optviz.figures.comparison import LIBRARIES
from optviz.figures.engine.wording import number
from optviz.page.document import embedded as data
from optviz.page.document import escaped
from optviz.page.markup import prose, table
from optviz.report._words import count, dataset, names, unit
from optviz.results import Comparison
from optviz.results.table import NONE, Table, listed
from optviz.results.training_seeds import Summary

_WRITERS = {"numpy": "NumPy", "numba": "Numba"}


def section(comparison: Comparison, rows: Sequence[Summary], main: Table, symbols: Mapping[str, str]) -> str:
    """The section as HTML; `symbols` are the marks of the optimizers."""
    facts = _facts(comparison, main, rows)
    parts = ["<dl>"]
    parts += [f"<div><dt>{escaped(term)}</dt><dd>{prose(text)}</dd></div>" for term, text in facts]
    parts += ["</dl>"]
    if rows:
        marks = [symbols[row.first.optimizer] for row in rows]
        parts += ["<h3>Hyperparameters</h3>", table(_hyperparameters(rows, main), marks)]
    parts += ["<h3>Statistics</h3>", f"<p>{prose(_statistics(rows))}</p>"]
    parts += ["<h3>Command</h3>", _command(comparison)]
    sources = [f"<li>{prose(text)}</li>" for text in _sources(comparison, rows)]
    parts += ["<h3>Sources</h3>", "<ul>", *sources, "</ul>"] if sources else []
    parts += ["<h3>Numbers</h3>", f'<p>{escaped(_NUMBERS)}</p>\n<div id="whole"></div>']
    return "\n".join(parts)


_NUMBERS = (
    "All numbers of this page are in it once more for programs, as the JSON document that optviz train --json prints: "
    "in the element with the identifier comparison."
)


def embedded(comparison: Comparison) -> str:
    """The document as data, where no browser takes it for a script or for the end of one."""
    return f'<script type="application/json" id="comparison">{data(comparison.to_dict())}</script>'


def _facts(comparison: Comparison, main: Table, rows: Sequence[Summary]) -> Iterator[tuple[str, str]]:
    yield "Images", _images(comparison)
    parameters = f", {count(comparison.parameters, 'parameter')}" if comparison.parameters else ""
    yield "Network", f"{comparison.network} {comparison.architecture}{parameters}"
    steps = f" of {count(comparison.steps, 'step')}" if comparison.steps else ""
    batches = f"batches of {count(comparison.batch_size, 'image')}"
    yield "Training", f"{count(comparison.epochs, 'epoch')}{steps}, {batches}, a test after every epoch"
    seeds = sorted({run.seed for run in comparison.runs})
    if seeds:
        same = "with the same seed all optimizers start from the same weights and see the same batches"
        yield ("Seeds" if len(seeds) > 1 else "Seed"), f"{', '.join(map(str, seeds))}; {same}"
    if comparison.rates:
        yield "Learning rates", _rates(comparison, rows, main)
    defaults = dict.fromkeys(LIBRARIES.get(run.defaults, run.defaults) for run in comparison.runs)
    if defaults:
        yield "Other values", f"{listed([*defaults])} defaults unless given; all are in the table below"
    if comparison.target is not None:
        yield "Target", f"{100 * comparison.target:g} % of the test images, looked for after every epoch"
    if comparison.timed:
        yield "Seconds", "wall time of training, measured, without the tests"
    yield "Written by", ", ".join(_versions())


def _images(comparison: Comparison) -> str:
    from optviz.datasets import REGISTRY

    known = unit(REGISTRY, comparison.dataset)
    title = dataset(comparison)
    if known and known.train:
        shape = " × ".join(map(str, known.shape))
        sets = f"{known.train:,} to train on and {known.test:,} to test on"
        return f"{title}: {sets}, {shape} pixels, {known.classes} classes"
    return f"{title}: {len(comparison.labels):,} to test on" if len(comparison.labels) else title


def _rates(comparison: Comparison, rows: Sequence[Summary], main: Table) -> str:
    """Where they come from, and for whom where that differs."""
    words = {"tuned": "found by the same search for each optimizer", "given": "given"}
    groups: dict[str, dict[str, None]] = {}
    for row, name in zip(rows, names(main), strict=True):
        source = comparison.rates.get(row.first.optimizer, "")
        text = words.get(source) or (f"{LIBRARIES.get(source, source)} defaults" if source else "not known")
        groups.setdefault(text, {})[name] = None
    if len(groups) == 1:
        return next(iter(groups))
    return "; ".join(f"{text}: {listed([*members])}" for text, members in groups.items())


def _hyperparameters(rows: Sequence[Summary], main: Table) -> Table:
    columns = list(dict.fromkeys(name for row in rows for name in row.first.hyperparameters))
    body = [
        (
            name,
            row.first.variant,
            *(number(row.first.hyperparameters[one]) if one in row.first.hyperparameters else NONE for one in columns),
        )
        for row, name in zip(rows, names(main), strict=True)
    ]
    heads = (("optimizer",), ("formula",), *(tuple(re.split("(?<=_)", name)) for name in columns))
    return Table("values used; – where an optimizer has no such hyperparameter", heads, frozenset({0, 1}), tuple(body))


def _statistics(rows: Sequence[Summary]) -> str:
    if max((row.runs for row in rows), default=0) < 2:
        return "With one seed for each optimizer there are no intervals and no ranks. Small differences may be chance."
    return (
        "± is half the 95 % interval of a mean over seeds (Student’s t). Two optimizers can be told apart where the "
        "mean difference in final test accuracy, seed by seed, is no luck by Student’s t test at 95 % with Holm’s "
        "correction for the number of pairs; a rank is the places that these comparisons leave open."
    )


def _command(comparison: Comparison) -> str:
    if not comparison.command:
        return "<p>This comparison was made from Python, by optviz.train; there is no command.</p>"
    return f'<pre tabindex="0" aria-label="Command"><code>{escaped(comparison.command)}</code></pre>'


def _sources(comparison: Comparison, rows: Sequence[Summary]) -> Iterator[str]:
    from optviz import datasets, optimizers

    for run in {row.first.optimizer: row.first for row in rows}.values():
        rule = unit(optimizers.REGISTRY, run.optimizer)
        if rule and rule.title == run.title:
            yield f"{rule.title}: {rule.reference.rstrip('.')}."
    known = unit(datasets.REGISTRY, comparison.dataset)
    if known and known.reference:
        licence = f" Licence: {known.licence.rstrip('.')}." if known.licence else ""
        yield f"{known.title}: {known.reference.rstrip('.')}.{licence}"


def _versions() -> Iterator[str]:
    yield f"optviz {__version__}"
    for package, title in _WRITERS.items():
        try:
            yield f"{title} {version(package)}"
        except PackageNotFoundError:  # a saved comparison needs no Numba to be shown
            continue
