"""The tables of ``docs/gpu.md``, from the performance model; ``python -m tests.ptx.model_tables`` writes them there."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from optviz.networks import REGISTRY as NETWORKS
from optviz.networks import Plan
from optviz.optimizers import SEVEN, configure
from tests.ptx import model
from tests.ptx.cards import CARDS, Card
from tests.ptx.model_networks import FLEETS, device, fleet, processor, step, step_time
from tests.ptx.occupancy import WARP

PAGE = Path(__file__).parents[2] / "docs" / "gpu.md"
IMAGES, BATCHES = 60_000, (64, 512)
SMALL, BIG = 101_770, 100_000_000  # parameters
STARTS, STEPS = (1 << 16, 10_000_000), 500
SINGLE_RUNS, DIMENSIONS = 1 << 16, (2, 10, 100, 1000)
RULES = (*SEVEN, "lookahead(adam)", "adan")


def named_card(name: str) -> Card:
    return next(card for card in CARDS if card.name.startswith(name))


SHOWN = named_card("A100 SXM 80 GB"), named_card("H100")
REACHED = tuple(card for card in CARDS if card.name != "A100 SXM 40 GB")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def three(number: float) -> str:
    """Three digits, no exponent."""
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:#.3g}".rstrip(".")


def short(card: Card) -> str:
    return card.name.partition(" SXM")[0]


def named(found: Counter[str]) -> tuple[str, str]:
    """All flops, and the roots and divisions among them."""
    return f"{found.total()}", f"{found['sqrt']} + {found['/']}"


def cards() -> str:
    head = ["card", "memory, GB/s", "multiprocessors", "clock, GHz", "float32, TFLOP/s", "float64, TFLOP/s"]
    rows = []
    for card in CARDS:
        row = [card.name, f"{card.memory:,}", f"{card.processors}", f"{card.clock}", three(card.single)]
        rows.append([*row, three(card.single / card.double), three(card.single / card.memory * 1e3)])
    return table([*head, "ridge float32, flop/byte"], rows)


def updates() -> str:
    head = ["optimizer", "bytes", "flops", "roots + divisions", "instructions", "registers"]
    head += [f"{short(card)}, {count:,}" for count in (SMALL, BIG) for card in SHOWN]
    rows = []
    for rule in RULES:
        setting = configure(rule)
        found = model.of_rule(setting)
        row = [f"{rule}", f"{model.moved(setting)}", *named(found), f"{model.instructions(found)}"]
        row.append(f"{model.REGISTERS[rule]}")
        for count, scale, unit in ((SMALL, 1, "µs"), (BIG, 1e3, "ms")):
            row += [f"{three(model.update(setting, [count], card).total / scale)} {unit}" for card in SHOWN]
        rows.append(row)
    return table(head, rows)


def reach() -> str:
    """What an H100 asks for at a time, and how many times what a copy needs every card's multiprocessors do."""
    head = ["optimizer", "asked for at a time, H100", *(short(card) for card in REACHED), "worst share of a copy"]
    rows = []
    for rule in RULES:
        found = [model.update(configure(rule), [BIG], card) for card in REACHED]
        held = model.update(configure(rule), [BIG], SHOWN[1]).held
        row = [rule, f"{held / 1e3:.0f} kB", *(f"{min(one.room, one.spare):.1f}" for one in found)]
        rows.append([*row, f"{100 * min(one.share for one in found):.0f} %"])
    return table(head, rows)


def batches() -> str:
    head = ["starts", "bytes", "flops", "flop/byte", "instructions"]
    head += [f"{short(card)}, {what}" for card in SHOWN for what in ("ms", "10⁹ steps a second")]
    found, rows = model.of_run_step(), []
    for starts in STARTS:
        steps = starts * STEPS
        size, flops = starts * model.run_bytes(), steps * found.total()
        row = [f"{starts:,}", f"{size / 1e6:,.1f} MB", f"{flops / 1e9:,.1f} G", three(flops / size)]
        row.append(f"{steps * (model.instructions(found) + model.LOOP) / 1e9:,.0f} G")
        for card in SHOWN:
            ms = model.batch_time(starts, STEPS, card) / 1e3
            row += [three(ms), three(steps / ms / 1e6)]
        rows.append(row)
    return table(head, rows)


def precisions() -> str:
    """10⁹ steps a second, with noise and without it."""
    kinds = [(double, draws) for double in (False, True) for draws in (0, 2)]
    head = ["card", "float64 is slower by", "float32", "float32, noise", "float64", "float64, noise"]
    rows = []
    for card in REACHED:
        times = (model.batch_time(STARTS[1], STEPS, card, draws=draws, double=double) for double, draws in kinds)
        row = [card.name, f"{card.double}", *(three(STARTS[1] * STEPS / time / 1e3) for time in times)]
        rows.append(row)
    return table(head, rows)


def dimensions() -> str:
    card = SHOWN[1]
    threads = card.processors * card.architecture.warps * WARP
    head = [
        "coordinates",
        "iterate and state",
        f"{SINGLE_RUNS:,} runs",
        "threads' own, all",
        "a step moves",
        "H100, a step",
    ]
    rows = []
    for count in DIMENSIONS:
        found = model.many_coordinates(count)
        row = [f"{count:,}", "the card's memory" if found.wide else "a thread's own"]
        row += [f"{three(SINGLE_RUNS * found.kept / 1e6)} MB", f"{three(threads * found.own / 1e6)} MB"]
        moved = SINGLE_RUNS * found.moved
        row += [f"{three(moved / 1e6)} MB", f"{three(moved / card.memory / 1e3)} µs"] if found.wide else ["", ""]
        rows.append(row)
    return table(head, rows)


def networks() -> Iterator[tuple[str, Plan]]:
    for name in ("logreg", "mlp", "cnn"):
        yield name, NETWORKS[name].plan((28, 28), 10)


def launches() -> str:
    head = ["launch", "blocks", "bytes", "flops", "flop/byte", "waits"]
    head += [f"{short(card)}, {what}" for what in ("bound", "expected") for card in SHOWN]
    rows = []
    for name, plan in networks():
        for launch in step(plan, "adam"):
            row = [f"{name}: {launch.name}", f"{launch.blocks:,}", f"{launch.bytes / 1e3:,.0f} kB"]
            row += [f"{launch.flops / 1e6:,.2f} M", three(launch.flops / launch.bytes), f"{launch.trips}"]
            row += [f"{three(launch.bound(card))} µs" for card in SHOWN]
            rows.append(row + [f"{three(launch.expected(card))} µs" for card in SHOWN])
    return table(head, rows)


def epochs() -> str:
    """With launches one by one, and with graphs."""
    head = ["network", "batch", "launches", "MB", "MFLOP", "processor", "with graphs"]
    kinds = {"": False, " with graphs": True}
    head += [f"{short(card)}, {what}{kind}" for card in SHOWN for kind in kinds for what in ("step", "epoch")]
    rows = []
    for (name, plan), count in itertools.product(networks(), BATCHES):
        found = step(plan, "adam", count)
        row = [name, f"{count}", f"{len(found)}", f"{sum(one.bytes for one in found) / 1e6:,.1f}"]
        row += [f"{sum(one.flops for one in found) / 1e6:,.0f}"]
        row += [f"{three(processor(found, graphs))} µs" for graphs in kinds.values()]
        for card, graphs in itertools.product(SHOWN, kinds.values()):
            row.append(f"{device(found, card, graphs):,.0f} µs")
            row.append(f"{step_time(found, card, graphs) * -(-IMAGES // count) / 1e3:,.0f} ms")
        rows.append(row)
    return table(head, rows)


def fleets() -> str:
    plan = NETWORKS["mlp"].configure(hidden=(32,)).plan((28, 28), 10)
    alone = step(plan, "adam")
    head = ["networks", "rules of a kernel", "registers", "networks of a multiprocessor", "waves, H100"]
    head += [f"{short(card)}, {what}" for card in SHOWN for what in ("step of all", "one by one")]
    rows = []
    for runs, (rules, registers) in itertools.product((16, 64, 256), FLEETS.items()):
        found = [fleet(plan, "adam", runs, card, rules) for card in SHOWN]
        row = [f"{runs}", rules, f"{registers}", f"{found[1].blocks}", f"{found[1].waves}"]
        for card, one in zip(SHOWN, found, strict=True):
            row += [f"{one.time:,.0f} µs", f"{runs * step_time(alone, card, True):,.0f} µs"]
        rows.append(row)
    return table(head, rows)


MAKERS = (cards, updates, reach, batches, precisions, dimensions, launches, epochs, fleets)
TABLES = {table.__name__: table for table in MAKERS}
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(?=<!-- end -->)", re.DOTALL)


def renewed(page: str) -> str:
    """The page with its tables as they should be."""
    return MARKED.sub(lambda match: f"{match[1]}{TABLES[match[2]]()}\n", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
