"""What runs leave on disk, so that a comparison that was stopped goes on where it was, and one that ended is extended.

A finished run is one file, named by the course that it takes and its number of epochs; a checkpoint beside it, named
likewise, says how far a run got, so that it goes on from there, to more epochs as well. Files appear whole or not at
all, hold no pickles, and whatever is wrong with one costs the work of making it again and nothing else. Two processes
may use one journal: equal specifications give equal files.
"""

import contextlib
import itertools
import json
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import numpy as np

from optviz.errors import DataError, OptvizError, UsageError
from optviz.files import make_private, replacing, sweep, user_folder
from optviz.results.saved import load, pack, read_arrays, valid
from optviz.results.training_run import TrainingRun
from optviz.results.validity import ANY, Array
from optviz.runs.networks.specification import WHOLE, Specification

RUN, CHECKPOINT = ".run.npz", ".checkpoint.npz"
LIMIT = 1_000_000_000  # bytes that all journals together may take; the oldest files go first


@dataclass(frozen=True)
class Outcome:
    """What a finished training gives.

    Attributes
    ----------
    run : TrainingRun
    snapshots_at : (k,) float64
        Moments, in epochs, at which the weights were kept.
    weights : (k, parameters) float32
    """

    run: TrainingRun
    snapshots_at: Annotated[np.ndarray, Array("float64", "SNAPSHOTS?", low=0, rising=True)]
    weights: Annotated[np.ndarray, Array("float32", "SNAPSHOTS?", "parameters", **ANY)]


def folder() -> Path | None:
    """Where journals are kept, a folder for each comparison; None where the user has no such place to write to."""
    base = user_folder("cache")
    if base is None:
        return None
    place = base / "journals"
    nearest = next(path for path in (place, *place.parents) if os.path.exists(path))
    return place if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK) else None


def clear() -> int:
    """Remove all journals that are kept there; says how many there were."""
    place = folder()
    journals = [path for path in place.iterdir() if path.is_dir()] if place and place.is_dir() else []
    for path in journals:
        remove(path)
    return len(journals)


def trim(most: int = LIMIT) -> None:
    """Remove the oldest files of all journals until they take no more than so many bytes."""
    place = folder()
    files = []
    for file in (path for ending in (RUN, CHECKPOINT) for path in (place.glob(f"*/*{ending}") if place else ())):
        with contextlib.suppress(OSError):
            files.append((file.stat().st_mtime, file.stat().st_size, file))
    files.sort(reverse=True)
    for (_, _, file), taken in zip(files, itertools.accumulate(size for _, size, _ in files), strict=True):
        if taken > most:
            _unlink(file)


def remove(place: str | os.PathLike) -> None:
    """Remove a journal with everything in it; nothing happens where there is none."""
    place = Path(place)
    if place.is_dir() and not place.is_symlink():
        for ending in (RUN, CHECKPOINT, ".part"):
            for file in place.glob(f"*{ending}"):
                _unlink(file)
        with contextlib.suppress(OSError):  # somebody's own files stay
            place.rmdir()


class Journal:
    """A folder of runs.

    Parameters
    ----------
    place : path or None
        Must exist. None keeps nothing.
    """

    def __init__(self, place: str | os.PathLike | None):
        self.place = None if place is None else Path(place)
        self._warned = False

    @classmethod
    def opened(cls, place: str | os.PathLike | None) -> "Journal":
        """Make the folder if it is missing, readable by its user alone.

        Raises
        ------
        UsageError
            If it cannot be a folder, or cannot be written to.
        """
        if place is None:
            return cls(None)
        path = Path(place).absolute()
        try:
            make_private(path)
        except (OSError, ValueError) as error:
            reason = "it is a file" if os.path.isfile(path) else getattr(error, "strerror", None) or error
            raise UsageError(f"cannot keep a journal in {path}: {reason}", "Name another folder.") from error
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise UsageError(f"cannot keep a journal in {path}: the folder is not writable", "Name another folder.")
        sweep(path)
        return cls(path)

    @classmethod
    def found(cls, place: str | None) -> "Journal":
        """The journal of another process, which another machine need not have."""
        return cls(place if place is not None and os.path.isdir(place) else None)

    def outcome(self, specification: Specification) -> Outcome | None:
        """What a run gave, if it was finished."""
        arrays = self._read(specification, RUN)
        # Whatever such a file may hold instead, it says nothing about this run.
        with contextlib.suppress(Exception):
            return None if arrays is None else _unpacked(arrays, specification)
        return None

    def keep(self, specification: Specification, outcome: Outcome) -> None:
        """Record a finished run; the checkpoint of one that nobody extends is gone afterwards."""
        if self.place is not None:
            self._write_arrays(specification, RUN, _packed(outcome, specification))
            if not self.keeps_ends(specification):
                _unlink(self._file(specification, CHECKPOINT))

    def keeps_ends(self, specification: Specification) -> bool:
        """Whether a finished run leaves a checkpoint as well; trials of learning rates, which are many, do not."""
        return self.place is not None and specification.part == WHOLE

    def has(self, specification: Specification) -> bool:
        """Whether there is a file of the run's outcome, whatever is in it."""
        return self.place is not None and self._file(specification, RUN).is_file()

    def discard(self, specification: Specification) -> None:
        """Remove a file of the run's outcome that is none."""
        if self.place is not None:
            _unlink(self._file(specification, RUN))

    def forget(self, specification: Specification) -> None:
        """Remove what is known of a run's outcome and of its course."""
        self.discard(specification)
        for file in self._checkpoints(specification):
            _unlink(file)

    def checkpoints(self, specification: Specification) -> Iterator[dict[str, np.ndarray]]:
        """How far runs of its course got: its own first, then those of fewer epochs, the most first."""
        for file in self._checkpoints(specification):
            with contextlib.suppress(Exception):  # whatever is wrong with the file, there is nothing to read
                yield read_arrays(file)

    def _checkpoints(self, specification: Specification) -> list[Path]:
        if self.place is None:
            return []
        numbers = (_epochs(file) for file in self.place.glob(f"{specification.course}-*{CHECKPOINT}"))
        asked = specification.epochs
        order = sorted((number for number in numbers if number), key=lambda number: (number > asked, -number))
        return [self._file(replace(specification, epochs=number), CHECKPOINT) for number in order]

    def keep_checkpoint(self, specification: Specification, arrays: dict[str, np.ndarray]) -> None:
        """Record how far a run got."""
        if self.place is not None:
            self._write_arrays(specification, CHECKPOINT, arrays)

    def record(self, name: str) -> Any:
        """A record that was kept by this name; None where there is none."""
        with contextlib.suppress(DataError):
            return None if self.place is None else load(self.place / f"{name}{RUN}")
        return None

    def keep_record(self, name: str, record: Any) -> None:
        """Keep a record, as `optviz.results.save` writes it."""
        if self.place is not None:
            self._write(self.place / f"{name}{RUN}", lambda file: pack(file, record))

    def _file(self, specification: Specification, ending: str) -> Path:
        assert self.place is not None
        return self.place / f"{specification.course}-{specification.epochs}{ending}"

    def _read(self, specification: Specification, ending: str) -> dict[str, np.ndarray] | None:
        with contextlib.suppress(Exception):  # whatever is wrong with the file, there is nothing to read
            return None if self.place is None else read_arrays(self._file(specification, ending))
        return None

    def _write_arrays(self, specification: Specification, ending: str, arrays: dict[str, np.ndarray]) -> None:
        self._write(self._file(specification, ending), lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]

    def _write(self, place: Path, write: Callable[[BinaryIO], None]) -> None:
        """Write a file. A full disk must not end a training: what cannot be kept is made again if it is needed."""
        assert self.place is not None
        try:
            make_private(self.place)
            with replacing(place, private=True) as file:
                write(file)
        except (OptvizError, OSError) as error:
            if not self._warned:
                self._warned = True
                problem = error.problem if isinstance(error, OptvizError) else str(error)
                warnings.warn(f"{problem}; the training goes on, but cannot be resumed from here", stacklevel=3)


def _packed(outcome: Outcome, specification: Specification) -> dict[str, np.ndarray]:
    """An outcome as arrays, without what its specification knows."""
    run = outcome.run
    facts = {
        "course": specification.course,
        "title": run.title.removesuffix(", ".join(["", *specification.told])),  # which tells it from others beside it
        "epochs": run.epochs,
        **{name: getattr(run, name) for name in ("variant", "defaults", "hyperparameters", "written")},
        "diverged_at": run.diverged_at,
        "snapshots_at": specification.snapshots_at,  # asked for; one that diverged was not looked at so often
    }
    return {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "losses": run.losses,
        "predictions": run.predictions,
        "snapshots_at": outcome.snapshots_at,
        "weights": outcome.weights,
    }


def _unpacked(arrays: dict[str, np.ndarray], specification: Specification) -> Outcome | None:
    """The outcome of a finished run; None where it is of another one, or was not looked at as often as asked for."""
    facts = json.loads(arrays["facts"].tobytes())
    run = TrainingRun(
        optimizer=specification.optimizer,
        title=", ".join([str(facts["title"]), *specification.told]),
        variant=str(facts["variant"]),
        defaults=str(facts["defaults"]),
        hyperparameters=dict(facts["hyperparameters"]),
        seed=specification.seed,
        epochs=tuple(facts["epochs"]),
        diverged_at=facts["diverged_at"],
        losses=arrays["losses"],
        predictions=arrays["predictions"],
        written=str(facts["written"]),
    )
    ended = len(run.epochs) == specification.epochs or run.diverged_at == len(run.epochs) + 1
    outcome = Outcome(run, arrays["snapshots_at"], arrays["weights"])
    fits = facts["course"] == specification.course and set(facts["snapshots_at"]) >= set(specification.snapshots_at)
    return outcome if fits and ended and valid(outcome) else None


def sound(run: TrainingRun, judged: int) -> bool:
    """Whether the epochs of a run from a file can be those of one that was tested on so many images."""
    return valid(run) and run.predictions.shape == (judged if run.epochs else 0,)


def _epochs(file: Path) -> int:
    """How many epochs are asked for of the run that a file is named by; 0 where its name does not say."""
    number = file.name.partition("-")[2].partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _unlink(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()
