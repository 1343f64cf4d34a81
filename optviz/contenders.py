"""Who runs: an optimizer as it was configured, and the sentence that says where learning rates come from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from optviz.saving import record
from optviz.validity import Count, Items

Budget: TypeAlias = Annotated[
    dict[str, Any],
    Items(
        rule=str,
        grid=Count,
        most=Count,
        low=float,
        high=float,
        ends=tuple[str, ...],
        starts=Count,
        steps=int,
        noise=bool,
    ),
]  # of tuning, see `optviz.results.Race`


@record()
@dataclass(frozen=True)
class Contender:
    """An optimizer as it ran.

    Attributes
    ----------
    optimizer, title : str
        The registered name, and the name in pictures.
    variant, defaults : str
        Whose formula, and whose numbers filled what was not given.
    hyperparameters : dict of str to float
        All of them, as used.
    rate : str
        Where the learning rate comes from: ``"tuned"``, ``"given"`` or the name of a default table.
    """

    optimizer: str
    title: str
    variant: str
    defaults: str
    hyperparameters: dict[str, float]
    rate: str

    def found(self) -> str:
        """What it is, in one line."""
        numbers = ", ".join(f"{name} {value:g}" for name, value in self.hyperparameters.items())
        return f"{self.title}, {numbers or 'no hyperparameters'}; learning rate: {self.rate}"


def origins(rates: Iterable[tuple[str, str]], tuning: Mapping[str, Any] | None) -> str:
    """Where learning rates come from, in one line.

    Parameters
    ----------
    rates : iterable of (title, source)
        For each optimizer ``"tuned"``, ``"given"`` or the name of a default table.
    tuning : dict or None
        With the ``rule`` by which rates were tuned.
    """
    titles: dict[str, list[str]] = {}
    for title, source in rates:
        titles.setdefault(source, []).append(title)
    words = {source: f"{source} defaults" for source in titles} | {"given": "given"}
    if tuning:
        words["tuned"] = tuning["rule"]
    # The largest group comes last and needs no names.
    *few, most = sorted(titles, key=lambda source: len(titles[source]))
    parts = [f"{', '.join(titles[source])}: {words[source]}" for source in few]
    parts.append(f"{'others' if few else 'learning rates'}: {words[most]}")
    return " · ".join(parts)


def elsewhere(device: str) -> list[str]:
    """What a provenance says of the device: nothing of the CPU, whose results are the same bits everywhere."""
    return [] if device == "cpu" else [f"device {device}"]
