"""Many small networks at once, beside one after the other."""

from collections.abc import Iterator, Sequence

from optviz import datasets, networks
from optviz.optimizers import SEVEN
from tests.gpu.bench_training import trained
from tests.gpu.sides import Bench, Sides, Sizes, mnist
from tests.ptx.model_networks import fleet as predicted
from tests.ptx.model_networks import step, step_time


def fleet(bench: Bench) -> Iterator[str]:
    sizes, images = bench.sizes, mnist(bench.sizes)
    network = networks.REGISTRY["mlp"].configure(hidden=(sizes.units,))
    plan = network.plan(images.train.shape[1:], images.classes)
    alone = step_time(step(plan, "adam", sizes.batch), bench.card, True)
    steps = -(-sizes.images // sizes.batch)
    for place, (rules, title) in enumerate(((["adam"], "one rule"), (list(SEVEN), "seven rules"))):
        count = max(sizes.fleet // len(rules), 1) * len(rules)
        sides: Sides = {
            "all at once": epochs(images, network, sizes, rules, count // len(rules)),
            "one after the other": one_by_one(images, network, sizes, count),
        }
        together = predicted(plan, "adam", count, bench.card).time
        known = {"all at once": steps * together / 1e6, "one after the other": count * steps * alone / 1e6}
        name = f"{title}: {count} networks with {sizes.units} hidden units, an epoch of {sizes.images:,} images each"
        yield from bench.compare(
            name, sides, dict.fromkeys(sides, float(count)), "networks a second", known, 1 / (2 - place)
        )


def epochs(
    images: datasets.Images, network: networks.Network, sizes: Sizes, rules: Sequence[str], seeds: int
) -> Iterator[float]:
    """Seconds of the steps of an epoch of all networks."""
    options = {"epochs": 1, "batch_size": sizes.batch, "seeds": list(range(seeds)), "lr": 1e-3}
    while True:
        yield sum(run.epochs[-1]["seconds"] for run in trained(images, network, optimizers=rules, **options).runs)


def one_by_one(images: datasets.Images, network: networks.Network, sizes: Sizes, count: int) -> Iterator[float]:
    """Seconds for as many networks, from a few of them."""
    alone = epochs(images, network, sizes, ["adam"], 1)
    while True:
        yield sum(next(alone) for _ in range(sizes.few)) * count / sizes.few
