"""The tables of ``docs/gpu.md``, from the performance model; ``python -m tests.ptx.model_tables`` writes them there."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from optviz.networks import REGISTRY as NETWORKS
from optviz.networks import Plan
from optviz.optimizers import SEVEN, configure
from tests.ptx.model import (
    CARDS,
    GAP,
    LOOP,
    arithmetic,
    fleet_step,
    instructions,
    moved,
    of_rule,
    of_run_step,
    run_bytes,
    step,
    update_time,
)

PAGE = Path(__file__).parents[2] / "docs" / "gpu.md"
SHOWN = CARDS[1:]
IMAGES, BATCHES = 60_000, (64, 512)
PARAMETERS = (101_770, 100_000_000)
STARTS, STEPS = (1 << 16, 10_000_000), 500


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def three(number: float) -> str:
    """Three digits, no exponent."""
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:#.3g}".rstrip(".")


def named(found: Counter[str]) -> tuple[str, str]:
    """All flops, and the roots and divisions among them."""
    return f"{found.total()}", f"{found['sqrt']} + {found['/']}"


def cards() -> str:
    head = ("card", "memory, GB/s", "float32, TFLOP/s", "float64, TFLOP/s", "ridge float32, flop/byte", "ridge float64")
    return table(
        head,
        (
            (
                card.name,
                f"{card.memory:,}",
                f"{card.single}",
                f"{card.double}",
                three(card.single / card.memory * 1e3),
                three(card.double / card.memory * 1e3),
            )
            for card in CARDS
        ),
    )


def updates() -> str:
    head = ["optimizer", "bytes", "flops", "roots + divisions", "instructions", "flop/byte"]
    head += [f"{card.name.split()[0]}, {count:,}" for count in PARAMETERS for card in SHOWN]
    rows = []
    for rule in SEVEN:
        setting = configure(rule)
        found = of_rule(setting)
        row = [rule, f"{moved(setting)}", *named(found), f"{instructions(found)}"]
        row.append(three(found.total() / moved(setting)))
        row += [
            f"{three(update_time(setting, count, card) / scale)} {unit}"
            for count, scale, unit in zip(PARAMETERS, (1, 1e3), ("µs", "ms"), strict=True)
            for card in SHOWN
        ]
        rows.append(row)
    return table(head, rows)


def batches() -> str:
    head = ["starts", "bytes", "flops", "flop/byte", "instructions"]
    head += [f"{card.name.split()[0]}, {what}" for card in SHOWN for what in ("ms", "10⁹ steps a second")]
    found, rows = of_run_step(), []
    for starts in STARTS:
        steps = starts * STEPS
        size, flops = starts * run_bytes(), steps * found.total()
        row = [f"{starts:,}", f"{size / 1e6:,.1f} MB", f"{flops / 1e9:,.1f} G", three(flops / size)]
        row.append(f"{steps * (instructions(found) + LOOP) / 1e9:,.0f} G")
        for card in SHOWN:
            ms = max(arithmetic(steps, found, LOOP, card) / 1e3, size / card.memory / 1e6)
            row += [three(ms), three(steps / ms / 1e6)]
        rows.append(row)
    return table(head, rows)


def networks() -> Iterator[tuple[str, Plan]]:
    for name in ("logreg", "mlp", "cnn"):
        yield name, NETWORKS[name].plan((28, 28), 10)


def launches() -> str:
    head = ["launch", "blocks", "bytes", "flops", "flop/byte", "waits"]
    head += [f"{card.name.split()[0]}, bound" for card in SHOWN] + [
        f"{card.name.split()[0]}, expected" for card in SHOWN
    ]
    rows = []
    for name, plan in networks():
        for launch in step(plan, "adam"):
            row = [f"{name}: {launch.name}", f"{launch.blocks:,}", f"{launch.bytes / 1e3:,.0f} kB"]
            row += [f"{launch.flops / 1e6:,.2f} M", three(launch.flops / launch.bytes), f"{launch.trips}"]
            row += [f"{three(launch.bound(card))} µs" for card in SHOWN]
            rows.append(row + [f"{three(launch.expected(card))} µs" for card in SHOWN])
    return table(head, rows)


def epochs() -> str:
    head = ["network", "batch", "launches", "MB", "MFLOP", "processor"]
    head += [f"{card.name.split()[0]}, {what}" for card in SHOWN for what in ("step", "epoch")]
    rows = []
    for (name, plan), count in itertools.product(networks(), BATCHES):
        found = step(plan, "adam", count)
        host = sum(launch.host() for launch in found)
        row = [name, f"{count}", f"{len(found)}", f"{sum(one.bytes for one in found) / 1e6:,.1f}"]
        row += [f"{sum(one.flops for one in found) / 1e6:,.0f}", f"{host:,.0f} µs"]
        for card in SHOWN:
            device = sum(launch.expected(card) + GAP for launch in found)
            row += [f"{device:,.0f} µs", f"{max(device, host) * -(-IMAGES // count) / 1e6:.2f} s"]
        rows.append(row)
    return table(head, rows)


def fleets() -> str:
    plan = NETWORKS["mlp"].configure(hidden=(32,)).plan((28, 28), 10)
    alone = sum(launch.host() for launch in step(plan, "adam"))
    head = ["networks", "flops", "waits"]
    head += [f"{card.name.split()[0]}, {what}" for card in SHOWN for what in ("step of all", "one by one")]
    rows = []
    for runs in (16, 64, 256):
        launch = fleet_step(plan, "adam", runs)
        row = [f"{runs}", f"{launch.flops / 1e6:,.0f} M", f"{launch.trips}"]
        for card in SHOWN:
            device = sum(one.expected(card) + GAP for one in step(plan, "adam"))
            row += [f"{launch.expected(card):,.0f} µs", f"{runs * max(alone, device):,.0f} µs"]
        rows.append(row)
    return table(head, rows)


TABLES = {table.__name__: table for table in (cards, updates, batches, launches, epochs, fleets)}
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(?=<!-- end -->)", re.DOTALL)


def renewed(page: str) -> str:
    """The page with its tables as they should be."""
    return MARKED.sub(lambda match: f"{match[1]}{TABLES[match[2]]()}\n", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
