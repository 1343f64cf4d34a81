"""Data sets that are downloaded once: where their files are kept, and what makes them the published ones."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from optviz.datasets._dataset import Dataset, Images, read_files
from optviz.datasets._download import Published, download
from optviz.datasets._https import Unreachable
from optviz.datasets._idx import digest
from optviz.errors import DataError, MissingError
from optviz.files import open_regular, user_folder


def data_folder(name: str) -> Path:
    """Where the files of a data set are kept, whether or not it exists: ``OPTVIZ_DATA_DIR`` or the user's data folder.

    Raises
    ------
    MissingError
        If the user has no such place.
    """
    base = user_folder("data")
    if base is None:
        raise MissingError("there is no folder for data: the user has no home", "Set OPTVIZ_DATA_DIR to a folder.")
    return base / name


def load(unit: Dataset, files: Mapping[str, Published], mirrors: Sequence[str]) -> Images:
    """The images of a data set; what is not on this machine yet is downloaded.

    Parameters
    ----------
    unit : Dataset
        Gives name, counts, shape and classes.
    files : mapping
        The four files under the names of the arrays of `Images`.
    mirrors : sequence of str
        What stands before a file's name in its address, the first to be tried first.

    Returns
    -------
    Images
        As they are stored.

    Raises
    ------
    MissingError
        If a file is not here and no mirror gives it. Says which, and where to put it by hand.
    DataError
        If a file in the folder is not the published one.
    OptvizError
        If the folder cannot be written.
    """
    folder = data_folder(unit.name)
    for file in files.values():
        if _kept(folder, file) is None:
            absent = [other.name for other in files.values() if other is not file and _kept(folder, other) is None]
            _download(unit, folder, file, mirrors, absent)
    places = {part: _kept(folder, file) or folder / file.name for part, file in files.items()}
    remedy = "Delete that file, and it will be downloaded again."
    images = read_files(places, shape=unit.shape, counts=(unit.train, unit.test), classes=unit.classes, remedy=remedy)
    for part, file in files.items():
        algorithm, _, expected = file.unpacked.partition(":")
        if _sha256(places[part]) != file.sha256 and digest(getattr(images, part), algorithm) != expected:
            raise DataError(f"{places[part]} is not the file of {unit.title} that was published", remedy)
    return images


def _kept(folder: Path, file: Published) -> Path | None:
    """The file in the folder, with or without ``.gz``, or None."""
    places = (folder / file.name, folder / file.name.removesuffix(".gz"))
    return next((place for place in places if place.is_file()), None)


def _sha256(place: Path) -> str:
    with open_regular(place) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(unit: Dataset, folder: Path, file: Published, mirrors: Sequence[str], absent: Sequence[str]) -> None:
    """Download a file; if that fails, say how it and those that are `absent` as well can be put there by hand."""
    by_hand = (
        f"get {mirrors[0]}{file.name} (SHA-256 {file.sha256}) elsewhere and put it there by hand: {folder / file.name}"
    )
    if absent:
        by_hand += f" (likewise {', '.join(absent)})"
    try:
        download(folder, file, mirrors)
    except Unreachable as error:
        problem = f"cannot download {file.name} of {unit.title}: {error}"
        raise MissingError(problem, f"Connect to the internet, or {by_hand}") from error
    except MissingError as error:
        problem = f"{unit.title} is not on this machine, and {error.problem}"
        raise MissingError(problem, f"{error.remedy}, or {by_hand}") from error
