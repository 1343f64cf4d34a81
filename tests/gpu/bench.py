"""How fast optviz is on this machine's GPU: ``python -m tests.gpu.bench`` answers within 8 minutes.

It prints what it measures and writes it to a file in Markdown: the update of arrays as bandwidth, many runs in steps a
second, an epoch of MNIST, and many networks at once; beside torch and JAX where they are installed, and beside what the
model of ``docs/gpu.md`` says of this card. Names of parts run these alone. The sides take turns; the median of the
rounds is shown, and the median of their ratios to the first side. Without a GPU the exit code is 3.

With ``NUMBA_ENABLE_CUDASIM=1`` everything runs in sizes that say nothing about speed, and the report says so.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence

from optviz.kernels import devices
from optviz.kernels.cuda import backend
from tests.gpu import facts
from tests.gpu.bench_batch import batch
from tests.gpu.bench_fleet import fleet
from tests.gpu.bench_training import training
from tests.gpu.bench_update import update
from tests.gpu.every import few_threads
from tests.gpu.report import Report, asked, begun, items, table
from tests.gpu.sides import OFF, TINY, Bench, Sizes, peers
from tests.ptx.model_tables import three

MINUTES = 8.0
PARTS: dict[str, tuple[Callable[[Bench], Iterator[str]], float]] = {  # with their shares of the time
    "update": (update, 0.25),
    "batch": (batch, 0.2),
    "training": (training, 0.35),
    "fleet": (fleet, 0.2),
}


def wrong(bench: Bench) -> Iterator[str]:
    """What is far from what the model says, farthest first."""
    off = [one for one in bench.compared if not 1 / OFF <= one.ratio <= OFF]
    yield f"{len(bench.compared)} measurements were predicted; {len(off)} are off by more than {OFF} times."
    if off:
        yield ""
        rows = sorted(off, key=lambda one: -max(one.ratio, 1 / one.ratio))
        head = ("measurement", "ms", "model, ms", "measured / model")
        yield table(
            head,
            ((one.what, three(one.measured * 1e3), three(one.predicted * 1e3), f"{one.ratio:.2f}") for one in rows),
        )


def computing() -> Iterator[str]:
    yield from items(facts.everything())
    yield ""
    yield from peers()


def measure(report: Report, bench: Bench, names: Sequence[str]) -> None:
    """Run parts, each with its share of the time that is left."""
    for place, name in enumerate(names):
        part, share = PARTS[name]
        share /= sum(PARTS[other][1] for other in names[place:])
        bench.end = time.monotonic() + share * report.left()
        report.part(name.capitalize(), lambda part=part: bench.whole(part))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"by default all: {', '.join(PARTS)}")
    asked(parser, "gpu-bench.md", MINUTES)
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.parts if name not in PARTS]:
        parser.error(f"unknown part '{unknown[0]}': choose from {', '.join(PARTS)}")
    if reason := devices.missing():
        print(". ".join(reason), file=sys.stderr)
        raise SystemExit(3)
    if backend.SIMULATED:  # kernels are plain Python, and NumPy tells of numbers that overflow as they should
        warnings.simplefilter("ignore", RuntimeWarning)
    few_threads()
    note = facts.SIMULATED if backend.SIMULATED else ""
    report = begun(parser, given, "How fast is optviz on this GPU?", note)
    report.part("What computes", computing)
    bench = Bench(facts.card(), TINY if backend.SIMULATED else Sizes(), 0.0)
    measure(report, bench, given.parts or [*PARTS])
    report.part("Where the model is wrong", lambda: wrong(bench))
    print(f"\n{given.output}")
    raise SystemExit(not report.well)


if __name__ == "__main__":
    main()
