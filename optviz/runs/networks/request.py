"""What a comparison is asked for: arguments checked, before anything is read or computed."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optviz import datasets, networks
from optviz.datasets import Dataset
from optviz.errors import UsageError, UsageTypeError
from optviz.networks import Network, Plan
from optviz.optimizers import REGISTRY, Setting, UpdateRule, able, check_runs, configure, expanded, labelled, meant
from optviz.results.numeric import plain
from optviz.runs.networks.epochs import steps_in
from optviz.runs.networks.groups import Group, parted, read, shares, text
from optviz.runs.networks.libraries import library
from optviz.runs.networks.modules import modules_of
from optviz.runs.networks.moments import snapshot_moments
from optviz.runs.networks.numbers import count, whole_seeds
from optviz.runs.networks.specification import (
    SPLIT,
    WHOLE,
    Data,
    Specification,
    Units,
    digest_of,
    split,
)
from optviz.schedules import REGISTRY as SCHEDULES
from optviz.wrappers import REGISTRY as WRAPPERS

Rates = Any  # a number, a schedule, "defaults", "tuned", a mapping from optimizer to one of these, or None


@dataclass(frozen=True)
class Request:
    """A comparison that can be run.

    Attributes
    ----------
    source : Dataset
    place : str
        How specifications name it: its registered name, or its folder's absolute path.
    network : Network
    settings : tuple of Setting
        The optimizers; those that are tuned have their default rates.
    rates : dict of str to str
        For each where its learning rate comes from: ``"given"``, ``"tuned"`` or the name of a default table.
    seeds : tuple of int
    epochs, batch_size : int
    tuning_epochs : int or None
        None: as the tuning sees fit.
    snapshots_at : tuple of float
        Moments at which the runs of the first seed keep their weights, or with a gap those of all seeds.
    digest : str
        Of the images and labels; empty until they are read.
    device : {"cpu", "cuda"}
    modules : tuple of str
        That other processes must import.
    sources : str
        A digest of these, so that a formula that was edited is another one.
    units : Units
        What is not registered.
    groups : tuple of (patterns, hyperparameters)
        See `optviz.runs.networks.groups.read`.
    gap : bool
        Whether the runs are measured from the optimum of the network.
    """

    source: Dataset
    place: str
    network: Network
    settings: tuple[Setting, ...]
    rates: dict[str, str]
    seeds: tuple[int, ...]
    epochs: int
    batch_size: int
    tuning_epochs: int | None
    snapshots_at: tuple[float, ...]
    device: str
    modules: tuple[str, ...]
    sources: str
    units: Units
    digest: str = ""
    groups: tuple[Group, ...] = ()
    gap: bool = False

    @property
    def tuned(self) -> tuple[str, ...]:
        """The optimizers whose rates are tuned."""
        return tuple(name for name, source in self.rates.items() if source == "tuned")

    @property
    def data(self) -> Data:
        """The images, read once."""
        return self.units.data(self.place, self.digest or None)

    @property
    def plan(self) -> Plan:
        """The network for these images."""
        images = self.data.images
        return self.network.plan(images.train.shape[1:], images.classes)

    def loaded(self, plane: bool, gap: bool = False) -> "Request":
        """Read the images, and with `plane` or `gap` decide at which moments weights are kept.

        Raises
        ------
        UsageError
            If a schedule is longer than the runs, a group names no parameters, or a gap is asked for of a network
            whose loss is not convex.
        """
        if gap and not self.plan.convex:
            raise UsageError(f"a gap needs a convex network, and {self.network.name} is none", "Train logreg.")
        for setting in self.settings:
            self._resolved(setting, WHOLE, self.epochs)
            shares(self.plan, self._parted(setting, WHOLE, self.epochs), "")
            if self.device == "cuda" and setting.formula.by_arrays:
                library(setting.plain_name)  # which is there, or says what is missing
        runs = len(self.settings) * (len(self.seeds) if gap else 1)
        moments = snapshot_moments(self.plan, runs, self.epochs) if plane or gap else ()
        return replace(self, digest=self.data.digest, snapshots_at=moments, gap=gap)

    def specifications(self, settings: Sequence[Setting]) -> list[Specification]:
        """The runs of the comparison with the optimizers' final numbers: seed after seed, optimizer after optimizer."""
        watched = self.seeds if self.gap else self.seeds[:1]
        return [
            self._run(setting, WHOLE, seed, self.epochs, self.snapshots_at if seed in watched else ())
            for seed in self.seeds
            for setting in settings
        ]

    def trial(self, setting: Setting, seed: int, epochs: int) -> Specification:
        """A run on a split of the training images, to judge a learning rate by."""
        return self._run(setting, SPLIT, seed, epochs, ())

    def _resolved(self, setting: Setting, part: str, epochs: int) -> Setting:
        """A setting whose schedules know how long a run is."""
        images = len(self.data.images.train_labels)
        steps = steps_in(images if part == WHOLE else len(split(images)[0]), self.batch_size)
        return setting.resolved(epochs * steps, steps)

    @property
    def key(self) -> str:
        """32 hexadecimal digits, the same for comparisons that can share runs: whatever all runs have in common."""
        shared = self.specifications(self.settings)[0]
        return digest_of(
            [
                shared.dataset,
                shared.digest,
                shared.network,
                shared.options,
                shared.batch_size,
                shared.device,
                shared.version,
            ]
        )

    def _parted(self, setting: Setting, part: str, epochs: int) -> list[tuple[tuple[str, ...], Setting]]:
        """The parameters of each group with the setting that moves them."""
        parts = parted(setting, self.groups, self.plan)
        return [(names, self._resolved(own, part, epochs)) for names, own in parts]

    def _run(
        self, setting: Setting, part: str, seed: int, epochs: int, snapshots_at: tuple[float, ...]
    ) -> Specification:
        parts = self._parted(setting, part, epochs) if self.groups else []
        setting = self._resolved(setting, part, epochs)
        for one in (setting, *(own for _, own in parts)):
            self.units.add(one)
        return Specification(
            dataset=self.place,
            digest=self.digest,
            part=part,
            network=self.network.name,
            options=dict(self.network.options),
            optimizer=setting.name,
            written=setting.text,
            groups=text(self.groups),
            parts=tuple((names, own.text) for names, own in parts),
            told=setting.told,
            seed=seed,
            epochs=epochs,
            batch_size=self.batch_size,
            snapshots_at=snapshots_at,
            device=self.device,
            modules=self.modules,
            sources=self.sources,
        )


def ask(
    dataset: str | os.PathLike | Dataset,
    network: str | Network,
    optimizers: Sequence[str | UpdateRule | Setting],
    *,
    epochs: int,
    batch_size: int,
    seeds: int | Sequence[int],
    lr: Rates,
    defaults: str,
    variant: str | None,
    tuning_epochs: int | None,
    alone: bool,
    engine: str,
    hyperparameters: Mapping[str, Any],
    groups: Any = None,
    device: str = "cpu",
) -> Request:
    """Check the arguments of `train`.

    Parameters
    ----------
    alone : bool
        Whether all runs are made in this process and nothing is kept: then units need not be registered.
    engine : str
        The engine's kind.
    device : {"cpu", "cuda"}

    Raises
    ------
    UnknownNameError, UsageError, UsageTypeError, MissingError
    """
    epochs, batch_size, lr = count(epochs, "epochs"), count(batch_size, "batch_size"), plain(lr)
    if tuning_epochs is not None:
        tuning_epochs = count(tuning_epochs, "tuning_epochs")
        if lr != "tuned":
            raise UsageError("tuning_epochs is given, but nothing is tuned", "Give lr='tuned', or leave it out.")
    chosen_seeds = whole_seeds(seeds)
    table = _settings(optimizers, defaults, variant, hyperparameters)
    settings, rates = _rated(table, lr, defaults)
    own = read(groups)
    altered = [setting.replace(**given) for setting in settings for _, given in own]
    unit = network if isinstance(network, Network) else networks.REGISTRY[network]
    source, place = _dataset(dataset)
    modules: tuple[str, ...] = ()
    sources = ""
    if not alone:
        named: list[tuple[Any, Any]] = [(REGISTRY, setting.rule) for setting in settings]
        named += [(WRAPPERS, wrapper) for setting in settings for wrapper, _ in setting.wrappers]
        named += [(SCHEDULES, one.shape) for setting in (*settings, *altered) for one in setting.schedules.values()]
        stored = [] if os.path.isabs(place) else [(datasets.REGISTRY, source)]
        modules, sources = modules_of(engine, *named, *stored, (networks.REGISTRY, unit))
    registered = os.path.isabs(place) or (place in datasets.REGISTRY and datasets.REGISTRY[place] == source)
    return Request(
        source=source,
        place=place,
        network=unit,
        settings=tuple(settings),
        rates=rates,
        seeds=tuple(chosen_seeds),
        epochs=epochs,
        batch_size=batch_size,
        tuning_epochs=tuning_epochs,
        snapshots_at=(),
        device=device,
        modules=modules,
        sources=sources,
        units=Units(None if registered else source, unit),
        groups=own,
    )


def _dataset(dataset: str | os.PathLike | Dataset) -> tuple[Dataset, str]:
    """A data set, and how specifications name it."""
    if isinstance(dataset, Dataset):
        return dataset, dataset.name
    if isinstance(dataset, os.PathLike) or (isinstance(dataset, str) and ("/" in dataset or os.sep in dataset)):
        return datasets.folder(dataset), os.path.realpath(dataset)
    unit = datasets.REGISTRY[dataset]
    return unit, unit.name


def _settings(
    optimizers: Sequence[str | UpdateRule | Setting],
    defaults: str,
    variant: str | None,
    hyperparameters: Mapping[str, Any],
) -> dict[str, Setting]:
    """The optimizers by name, with all their numbers."""
    if isinstance(optimizers, str | UpdateRule | Setting):
        optimizers = [optimizers]
    able_here = able(expanded(optimizers), ["networks"])
    chosen = [configure(one, defaults=defaults, variant=variant, **hyperparameters) for one in able_here]
    for setting in chosen:
        check_runs(setting, "networks")
    return {setting.name: setting for setting in labelled(chosen)}


def _rated(chosen: dict[str, Setting], lr: Rates, defaults: str) -> tuple[list[Setting], dict[str, str]]:
    """The optimizers with their learning rates, and where these come from."""
    tuned = isinstance(lr, str) and lr == "tuned"
    usual = {name: "tuned" if tuned and "lr" in one.hyperparameters else one.defaults for name, one in chosen.items()}
    rates = {name: "given" if "lr" in one.fixed and not tuned else usual[name] for name, one in chosen.items()}
    if lr is None or tuned or (isinstance(lr, str) and lr == "defaults"):
        return list(chosen.values()), rates
    given = lr if isinstance(lr, Mapping) else {name: lr for name, one in chosen.items() if "lr" in one.hyperparameters}
    for asked, rate in given.items():
        name = meant(asked, chosen, defaults, "lr")
        if isinstance(rate, str) and "(" not in rate and rate not in SCHEDULES:
            remedy = "It must be a number, a schedule as cosine(0.1), 'defaults', 'tuned', or one for each optimizer."
            raise (UsageError if rate is lr else UsageTypeError)(f"lr is {rate!r}", remedy)
        chosen[name] = chosen[name].replace(lr=rate)
        rates[name] = "given"
    return list(chosen.values()), rates
