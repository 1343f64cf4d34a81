"""A training as a few names and numbers, from which any process on any machine makes the same run."""

import hashlib
import json
import os
import threading
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import optviz
from optviz import datasets, networks
from optviz.datasets import Dataset, Images
from optviz.errors import DataError, MissingError, UsageError
from optviz.kernels.sparse import MOST_PIXELS
from optviz.kernels.training import Examples, examples
from optviz.networks import Network, Plan
from optviz.optimizers import Setting, configure
from optviz.runs.networks.epochs import Training
from optviz.runs.networks.groups import Part, Shares, shares, undivided
from optviz.runs.networks.machines import Machine

if TYPE_CHECKING:
    from optviz.kernels.cuda.images import DeviceExamples

WHOLE, SPLIT = "whole", "split"  # train on all training images and test on the test images; or on a split of the former
VALIDATION = 6  # the last of so many parts of the training images, shuffled, validates: 10,000 of MNIST's 60,000
SHUFFLE = 20_260_101  # the seed of that shuffle


@dataclass(frozen=True)
class Specification:
    """Everything that decides what a training gives, and nothing else.

    Attributes
    ----------
    dataset : str
        A registered name, or the absolute path of a folder.
    digest : str
        Of its images and labels.
    part : {"whole", "split"}
        Which images it learns from and is tested on.
    network : str
    options : dict
        The network's.
    optimizer : str
        How results call it.
    groups : str
        Hyperparameters of their own for groups of parameters, as they are written.
    parts : tuple of (names, str)
        With groups: names of parameters, and how the optimizer that moves them is written.
    told : tuple of str
        What tells it from others of its name, for pictures.
    written : str
        The optimizer as it is written, with every number.
    seed, epochs, batch_size : int
    snapshots_at : tuple of float
        Moments, in epochs, at which the weights are kept.
    device : {"cpu", "cuda"}
        Results differ in their last digits.
    modules : tuple of str
        Modules outside optviz that define its data set, network or optimizer.
    sources : str
        A digest of their sources, or "".
    version : str
        Of optviz.
    """

    dataset: str
    digest: str
    part: str
    network: str
    options: dict[str, Any]
    optimizer: str
    written: str
    seed: int
    epochs: int
    batch_size: int
    snapshots_at: tuple[float, ...] = ()
    groups: str = ""
    parts: tuple[Part, ...] = ()
    told: tuple[str, ...] = ()
    device: str = "cpu"
    modules: tuple[str, ...] = ()
    sources: str = ""
    version: str = optviz.__version__

    @cached_property
    def key(self) -> str:
        """32 hexadecimal digits, the same for equal specifications only."""
        return digest_of(asdict(self))

    @cached_property
    def course(self) -> str:
        """32 hexadecimal digits, the same for runs that take the same course, one perhaps farther than another.

        How many epochs are asked for changes none of them, and looking at weights does not change these.
        """
        return digest_of(asdict(replace(self, epochs=0, snapshots_at=(), optimizer="", groups="", told=())))


def digest_of(document: Any) -> str:
    """32 hexadecimal digits that tell plain values apart."""
    text = json.dumps(document, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


Labelled = tuple[np.ndarray, np.ndarray]  # images and their labels


class Data(NamedTuple):
    """A data set as it was read.

    Attributes
    ----------
    images : Images
    digest : str
        Tells it from every other.
    parts : dict of str to (Examples, Examples)
        To train on and to test on, filled as they are asked for.
    """

    images: Images
    digest: str
    parts: dict[str, tuple[Examples, Examples]]

    def part(self, name: str) -> tuple[Examples, Examples]:
        if name not in self.parts:
            training, test = self.arrays(name)
            self.parts[name] = examples(*training), examples(*test)
        return self.parts[name]

    def arrays(self, name: str) -> tuple[Labelled, Labelled]:
        """Images and labels of a part as they were read."""
        images = self.images
        if name == SPLIT:
            learn, judge = split(len(images.train_labels))
            training, test = ((images.train[those], images.train_labels[those]) for those in (learn, judge))
            return training, test
        return (images.train, images.train_labels), (images.test, images.test_labels)


def split(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of so many training images learning rates are tuned on, and which judge them; int64, in a fixed shuffle.

    Raises
    ------
    UsageError
        If there are fewer than two.
    """
    if count < 2:
        raise UsageError("there is only one training image", "Learning rates are tuned on two or more.")
    order = np.random.default_rng(SHUFFLE).permutation(count)
    learn = count - max(1, count // VALIDATION)
    return order[:learn], order[learn:]


_registered: dict[str, tuple[Dataset, Data]] = {}  # the last registered data set that was read, for the next comparison


class Units:
    """Where runs find what their specifications name.

    Parameters
    ----------
    dataset : Dataset, optional
    network : Network, optional
    settings : sequence of Setting
        Optimizers, some of whose units may not be registered. Other processes make them of how they are written.
    """

    def __init__(
        self,
        dataset: Dataset | None = None,
        network: Network | None = None,
        settings: tuple[Setting, ...] = (),
    ):
        self._datasets = {} if dataset is None else {dataset.name: dataset}
        self._network = network
        self._settings = {setting.text: setting for setting in settings}
        self._read: dict[str, Data] = {}
        self._on_device: dict[tuple[str, str], tuple[DeviceExamples, DeviceExamples]] = {}
        self._lock = threading.RLock()

    def data(self, name: str, digest: str | None = None) -> Data:
        """A data set by its registered name or its path, read once.

        Raises
        ------
        DataError
            If it is not the one whose digest is given.
        MissingError, UsageError
            If it cannot be read or used.
        """
        with self._lock:
            data = self._read.get(name)
            if data is None or digest not in (None, data.digest):  # the files may have changed since
                data = self._read[name] = self._load(name)
        if digest not in (None, data.digest):
            raise DataError(f"the data set {name} is another here", "Put the same files in the same place everywhere.")
        return data

    def _load(self, name: str) -> Data:
        unit = self._datasets.get(name) or (datasets.folder(name) if os.path.isabs(name) else datasets.REGISTRY[name])
        known = _registered.get(name)
        if known is not None and known[0] is unit:
            return known[1]
        data = read(unit)
        if not os.path.isabs(name) and name not in self._datasets:
            _registered.clear()
            _registered[name] = unit, data
        return data

    def setting(self, specification: Specification) -> Setting:
        return replace(self._written(specification.written), label=specification.optimizer, told=specification.told)

    def shares(self, specification: Specification) -> Shares:
        """Which settings move which parameters."""
        plan = self.plan(specification)
        if not specification.parts:
            return undivided(plan, self.setting(specification))
        parts = [(names, self._written(text)) for names, text in specification.parts]
        return shares(plan, parts, specification.groups)

    def _written(self, text: str) -> Setting:
        return self._settings.get(text) or configure(text)

    def add(self, setting: Setting) -> None:
        """Take an optimizer with other numbers."""
        self._settings[setting.text] = setting

    def plan(self, specification: Specification) -> Plan:
        unit = self._network or networks.REGISTRY[specification.network].configure(**specification.options)
        images = self.data(specification.dataset, specification.digest).images
        return unit.plan(images.train.shape[1:], images.classes)

    def on_device(self, specification: Specification) -> "tuple[DeviceExamples, DeviceExamples]":
        """What a run is trained with and tested on, on the CUDA device; copied there once for all runs.

        Raises
        ------
        UsageError
            If it is larger than the device's free memory.
        """
        from optviz.kernels.cuda.images import device_examples

        data = self.data(specification.dataset, specification.digest)
        place = data.digest, specification.part
        if place not in self._on_device:
            training, test = data.arrays(specification.part)
            self._on_device[place] = device_examples(*training), device_examples(*test)
        return self._on_device[place]

    def machine(self, specification: Specification) -> Machine | None:
        """What makes a run that has its device for itself; None: what `Training` takes by default."""
        if specification.device == "cpu":
            return None
        from optviz.runs.networks.device_looks import on_device

        training, test = self.on_device(specification)
        batch = min(specification.batch_size, training.count)
        plan, shares = self.plan(specification), self.shares(specification)
        return on_device(plan, shares, training, test, batch)

    def training(self, specification: Specification, machine: Machine | None = None) -> Training:
        """The run, not begun.

        Parameters
        ----------
        specification : Specification
        machine : Machine, optional
            What makes it. By default this processor, whatever its device is: what only tells how far a run was needs
            no device.
        """
        for module in specification.modules:
            import_module(module)
        with self._lock:
            training, test = self.data(specification.dataset, specification.digest).part(specification.part)
        return Training(
            self.setting(specification),
            specification.seed,
            self.plan(specification),
            training,
            test,
            specification.epochs,
            specification.batch_size,
            specification.snapshots_at,
            machine,
            self.shares(specification),
        )


def read(unit: Dataset) -> Data:
    """Read a data set.

    Raises
    ------
    MissingError, DataError
        If a file is missing or damaged.
    UsageError
        If its images are too large.
    """
    images = unit.load()
    if images.pixels > MOST_PIXELS:
        raise UsageError(
            f"the images of {unit.name} have {images.pixels} pixels", f"At most {MOST_PIXELS} are possible."
        )
    whole = hashlib.blake2b(repr(images.classes).encode(), digest_size=16)
    for array in (images.train, images.train_labels, images.test, images.test_labels):
        whole.update(repr(array.shape).encode())
        whole.update(np.ascontiguousarray(array).data)
    return Data(images, whole.hexdigest(), {})


def check_version(specification: Specification) -> None:
    """Refuse to run what another version of optviz asks for: its results would not be the same.

    Raises
    ------
    MissingError
    """
    if specification.version != optviz.__version__:
        raise MissingError(
            f"a worker has optviz {optviz.__version__}, the comparison runs {specification.version}",
            f"Install that one there: pip install optviz=={specification.version}",
        )
