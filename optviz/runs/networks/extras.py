"""What a comparison shows beside its numbers: a published table, digits that are not recognised, the training plane."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optviz.kernels.buffers import layout, new_state, workspace
from optviz.kernels.training import evaluate
from optviz.optimizers import configure
from optviz.results.comparison import Comparison
from optviz.results.published import Published
from optviz.results.training_run import Mistakes, Plane, TrainingRun
from optviz.runs.networks import plane
from optviz.runs.networks.journal import Outcome
from optviz.runs.networks.request import Request
from optviz.runs.networks.specification import WHOLE

SHOWN = 40  # mistakes of an optimizer
# Images over which the loss of the training plane is a mean, and columns and rows of its landscape.
SMALL, SMALL_RESOLUTION = 2000, 41
POOLED, POOLED_RESOLUTION = 512, 23


def published(request: Request) -> Published | None:
    """The published table of the same experiment: same network, images, batches, formulas and hyperparameters."""
    table = request.network.published
    if table is None or (table.dataset, table.batch_size) != (request.place, request.batch_size):
        return None
    usual = all(setting == configure(setting.rule, defaults=table.defaults) for setting in request.settings)
    named = any(setting.rule.name in table.accuracies for setting in request.settings)
    return table if usual and named and not request.tuned else None


def mistakes(comparison: Comparison, request: Request) -> tuple[Mistakes, ...]:
    """Test images that the best and the worst optimizer do not recognise, in their first runs.

    Optimizers are ordered by their mean accuracy after the last epoch; a run that diverged counts as 0.
    """
    groups: dict[str, list[TrainingRun]] = {}
    for run in comparison.runs:
        groups.setdefault(run.optimizer, []).append(run)
    order = sorted((runs for runs in groups.values() if len(runs[0].predictions)), key=_accuracy)
    images = request.data.images
    shown = []
    for name in dict.fromkeys(runs[0].optimizer for runs in (order[-1:] + order[:1])):
        first = groups[name][0]
        wrong = np.flatnonzero(first.predictions != images.test_labels)
        some = wrong[np.round(np.linspace(0, len(wrong) - 1, min(SHOWN, len(wrong)))).astype(np.int64)]
        shown.append(
            Mistakes(
                optimizer=first.optimizer,
                title=first.title,
                seed=first.seed,
                count=len(wrong),
                images=images.test[some],
                labels=images.test_labels[some],
                predictions=first.predictions[some],
            )
        )
    return tuple(shown)


def _accuracy(runs: Sequence[TrainingRun]) -> float:
    finals = [run.epochs[-1]["test_accuracy"] if run.diverged_at is None and run.epochs else 0.0 for run in runs]
    return sum(finals) / len(finals)


def training_plane(
    request: Request,
    outcomes: Sequence[Outcome],
    threads: int,
    progress: Callable[[float, float, str], None] | None,
) -> Plane:
    """The weights of the first seed's runs over the training loss around them.

    Parameters
    ----------
    request : Request
    outcomes : sequence of Outcome
        One or more with snapshots.
    threads : int
    progress : callable or None
    """
    plan = request.plan
    training, _ = request.data.part(WHOLE)
    net = layout(plan)
    images = min(POOLED if plan.filters else SMALL, len(training.labels))

    def new_room() -> Any:
        return workspace(plan, images if plan.filters == 0 else 1), new_state(plan.parameters, 0)[0]

    def loss(parameters: np.ndarray, room: Any) -> float:
        scratch, state = room
        state[: plan.parameters] = parameters
        return evaluate(state, net, training, range(images), scratch)[0] / images

    return plane.plane(
        [plane.Snapshots(one.run.optimizer, one.run.title, one.snapshots_at, one.weights) for one in outcomes],
        request.seeds[0],
        images,
        loss,
        resolution=POOLED_RESOLUTION if plan.filters else SMALL_RESOLUTION,
        threads=threads,
        new_room=new_room,
        progress=progress,
    )
