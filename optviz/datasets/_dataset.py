"""Data sets: labelled images to train on and to test on."""

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from optviz.datasets._idx import find, read_labelled
from optviz.errors import MissingError
from optviz.registry import Registry

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Images:
    """Labelled images, to train on and to test on.

    Attributes
    ----------
    train, test : (n, height, width) uint8
        Grey images; 0 is the background.
    train_labels, test_labels : (n,) uint8
        Classes, from 0.
    classes : int
        How many there are.
    """

    train: "np.ndarray"
    train_labels: "np.ndarray"
    test: "np.ndarray"
    test_labels: "np.ndarray"
    classes: int

    @property
    def pixels(self) -> int:
        """Pixels per image."""
        return self.train.shape[1] * self.train.shape[2]

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.train.shape[:0:-1]))
        return (
            f"<Images: {len(self.train):,} to train on, {len(self.test):,} to test on, {size}, {self.classes} classes>"
        )


@dataclass(frozen=True)
class Dataset:
    """Labelled images with everything needed to name, load and cite them.

    Attributes
    ----------
    name, title : str
        The registered name (``"fashion-mnist"``) and the name in pictures (``"Fashion-MNIST"``).
    load : function
        ``load()`` reads the images.
    train, test : int
        How many images there are to train on and to test on; 0 where only the files know.
    shape : tuple of int
        Height and width of an image, or ``()``.
    classes : int
        How many classes there are; 0 where only the files know.
    year : int
        When it was published, or 0.
    licence, reference, text : str
        The licence of the data, the source, and the unit's docstring.
    module : str
        The module that defined it.
    """

    name: str
    title: str
    load: Callable[[], Images]
    train: int = 0
    test: int = 0
    shape: tuple[int, ...] = ()
    classes: int = 0
    year: int = 0
    licence: str = ""
    reference: str = ""
    text: str = ""
    module: str = ""


REGISTRY: Registry[Dataset] = Registry("data set", "optviz.datasets", order=lambda unit: (unit.year, unit.name))


def dataset(
    *,
    name: str | None = None,
    title: str | None = None,
    train: int = 0,
    test: int = 0,
    shape: tuple[int, ...] = (),
    classes: int = 0,
    year: int = 0,
    licence: str = "",
    reference: str = "",
) -> Callable[[Callable[[], Images]], Dataset]:
    """Decorator: make a data set of the function that loads it and register it.

    The decorated name becomes the `Dataset`. Arguments are the attributes of `Dataset`; without a name it takes the
    function's.
    """

    def register(load: Callable[[], Images]) -> Dataset:
        unit = Dataset(
            name=name or load.__name__,
            title=title or name or load.__name__,
            load=load,
            train=train,
            test=test,
            shape=tuple(shape),
            classes=classes,
            year=year,
            licence=licence,
            reference=reference,
            text=inspect.cleandoc(load.__doc__ or ""),
            module=load.__module__,
        )
        return REGISTRY.add(unit)

    return register


def folder(path: str | os.PathLike) -> Dataset:
    """A data set of one's own: a folder with four IDX files of bytes, gzip or not, named as those of MNIST.

    Parameters
    ----------
    path : path
        Holds ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
        ``t10k-labels-idx1-ubyte``, each with or without ``.gz``. ``test`` may stand for ``t10k``, and a name in front,
        as EMNIST has it (``emnist-letters-train-images-idx3-ubyte.gz``); images are taken as they are stored. Labels
        may be QMNIST's, ``labels-idx2-int``, whose first column is read.

    Returns
    -------
    Dataset
        Named after the folder; not registered. Its ``load`` raises `MissingError` where a file is missing and
        `DataError` where one is damaged.

    Raises
    ------
    MissingError
        If there is no such folder.
    """
    place = Path(path)
    if not place.is_dir():
        raise MissingError(f"there is no folder {place}", "Name a folder with the four IDX files of a data set.")
    name = place.resolve().name or str(place)
    return Dataset(name=name, title=name, load=lambda: read_folder(place))


def read_folder(
    place: Path,
    *,
    shape: tuple[int, ...] = (),
    counts: tuple[int, int] = (0, 0),
    classes: int = 0,
    remedy: str = "Get that file again from where the data set comes from.",
) -> Images:
    """Read the four IDX files of a folder.

    Parameters
    ----------
    place : Path
    shape, counts, classes
        The images' height and width, the numbers of training and test images, and of classes, where they are known;
        other files are refused.
    remedy : str
        What the user can do about a damaged file.

    Returns
    -------
    Images

    Raises
    ------
    MissingError, DataError
        Naming the file.
    UsageError
        If the folder holds several data sets.
    """
    return read_files(find(place, remedy), shape=shape, counts=counts, classes=classes, remedy=remedy)


def read_files(
    files: Mapping[str, Path], *, shape: tuple[int, ...], counts: tuple[int, int], classes: int, remedy: str
) -> Images:
    """Read the four IDX files given under the names of the arrays of `Images`; the rest is as in `read_folder`."""
    train, train_labels = read_labelled(files["train"], files["train_labels"], shape, counts[0], classes, remedy)
    test, test_labels = read_labelled(files["test"], files["test_labels"], train.shape[1:], counts[1], classes, remedy)
    most = int(max(train_labels.max(), test_labels.max())) + 1
    return Images(train, train_labels, test, test_labels, classes or most)
