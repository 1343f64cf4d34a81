"""What runs give and pictures take: frozen records of plain arrays and plain values, with save and load.

A saved result is one ``.npz`` file: the arrays, and one JSON text with everything else. It needs neither Numba nor a
GPU to be loaded and drawn, and loading it never executes anything.
"""

import io
import json
import math
import os
import zipfile
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin

import numpy as np

from optviz.errors import DataError, UsageError, UsageTypeError, shown
from optviz.files import replacing

SCHEMA = 1
LIMIT = 1 << 31  # bytes of a saved result, unpacked


@dataclass(frozen=True)
class Trajectory:
    """One run of one optimizer on one test function.

    Attributes
    ----------
    function, optimizer, title : str
        Registered names, and the optimizer's name in pictures.
    variant, defaults : str
        Whose formula, and whose numbers filled what was not given.
    hyperparameters : dict of str to float
        All of them, as used.
    points : (steps + 1, 2) float64
        The iterates, start first; NaN after the step at which the run diverged.
    values : (steps + 1,) float64
        The objective at each iterate; NaN after the step at which the run diverged.
    diverged_at : int or None
        The first step whose iterate is not finite or farther than 1e6 from the origin in a coordinate.
    minimum : float
        The function's minimum, so that ``values - minimum`` is the suboptimality gap.
    """

    function: str
    optimizer: str
    title: str
    variant: str
    defaults: str
    hyperparameters: dict[str, float]
    points: np.ndarray
    values: np.ndarray
    diverged_at: int | None
    minimum: float

    @property
    def steps(self) -> int:
        """The number of steps asked for."""
        return len(self.values) - 1

    @property
    def gap(self) -> np.ndarray:
        """(steps + 1,) float64: the suboptimality gap f(x) - f*."""
        return self.values - self.minimum


@dataclass(frozen=True)
class Landscape:
    """A test function as a picture needs it.

    Attributes
    ----------
    function, title, formula : str
        Registered name, name in pictures, and the formula on one line.
    bounds, view : ((x_low, x_high), (y_low, y_high))
        The domain, and the square that is shown.
    values : (n, n) float64
        The function at the centres of n x n equal cells of the view; row 0 is the lowest y.
    minimizers, local_minimizers : (k, 2) float64
        Global minimizers, and further minima to mark.
    minimum : float
    """

    function: str
    title: str
    formula: str
    bounds: tuple
    view: tuple
    values: np.ndarray
    minimizers: np.ndarray
    local_minimizers: np.ndarray
    minimum: float


@dataclass(frozen=True)
class Race:
    """Several optimizers from one start on one test function.

    Attributes
    ----------
    landscape : Landscape
    trajectories : tuple of Trajectory
        All of the same number of steps.
    start : (x, y)
    seed : int
    rates : dict of str to str
        For each optimizer where its learning rate comes from: ``"tuned"``, ``"given"`` or the name of a default
        table.
    tuning : dict or None
        The budget of the tuning: ``grid`` (rates tried), ``low`` and ``high`` (the grid's ends), ``starts``,
        ``jitter`` (share of the view), ``steps``. None when nothing was tuned.
    """

    landscape: Landscape
    trajectories: tuple[Trajectory, ...]
    start: tuple[float, float]
    seed: int
    rates: dict[str, str]
    tuning: dict[str, Any] | None = None

    @property
    def steps(self) -> int:
        """The number of steps of every trajectory."""
        return self.trajectories[0].steps

    def provenance(self) -> str:
        """One line, generated from the run, that says where the learning rates come from."""
        origins = {source: f"{source} defaults" for source in self.rates.values()} | {"given": "given"}
        if self.tuning:
            budget = self.tuning
            origins["tuned"] = (
                f"best of {budget['grid']} over {budget['starts']} nearby starts, {budget['steps']} steps each"
            )
        titles: dict[str, list[str]] = {}
        for run in self.trajectories:
            titles.setdefault(self.rates[run.optimizer], []).append(run.title)
        # The largest group comes last and needs no names.
        *few, most = sorted(titles, key=lambda source: len(titles[source]))
        parts = [f"{', '.join(titles[source])}: {origins[source]}" for source in few]
        parts.append(f"{'others' if few else 'learning rates'}: {origins[most]}")
        return " · ".join([*parts, "no clipping", f"seed {self.seed}"])

    def to_dict(self) -> dict[str, Any]:
        """The document that ``-o race.json`` holds; ``optviz animate --json`` prints it without the iterates."""
        runs = []
        for run in self.trajectories:
            facts = {name: value for name, value in plain(run).items() if name not in ("function", "minimum")}
            end = len(run.values) - 1 if run.diverged_at is None else run.diverged_at
            final = {"rate": self.rates[run.optimizer], "final_point": run.points[end], "final_value": run.values[end]}
            runs.append(facts | plain(final))
        return {
            "schema": SCHEMA,
            "function": self.landscape.function,
            "minimum": self.landscape.minimum,
            "start": plain(self.start),
            "steps": self.steps,
            "seed": self.seed,
            "tuning": plain(self.tuning),
            "provenance": self.provenance(),
            "runs": runs,
        }


@dataclass(frozen=True)
class TrainingRun:
    """One training of one network with one optimizer and one seed.

    Attributes
    ----------
    optimizer, title, variant, defaults : str
    hyperparameters : dict of str to float
    seed : int
    epochs : tuple of dict
        For each finished epoch ``epoch`` (from 1), ``train_loss`` (mean over the epoch's batches), ``test_loss``,
        ``test_accuracy`` (share of the test images) and ``seconds`` (wall time of training, without the test).
    diverged_at : int or None
        The first epoch with a loss that is not finite.
    """

    optimizer: str
    title: str
    variant: str
    defaults: str
    hyperparameters: dict[str, float]
    seed: int
    epochs: tuple[dict[str, float], ...]
    diverged_at: int | None = None


@dataclass(frozen=True)
class Comparison:
    """Several optimizers training the same network from the same weights on the same batches.

    Attributes
    ----------
    network, dataset : str
        Registered names.
    layers : tuple of int
        Sizes from input to output: ``(784, 128, 10)``.
    batch_size, epochs : int
        Epochs asked for; a run that was interrupted or diverged has fewer.
    runs : tuple of TrainingRun
    interrupted : bool
        Whether Ctrl-C ended the comparison early.
    """

    network: str
    dataset: str
    layers: tuple[int, ...]
    batch_size: int
    epochs: int
    runs: tuple[TrainingRun, ...]
    interrupted: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The document that ``optviz mnist --json`` prints."""
        return {"schema": SCHEMA, **plain(self)}


RECORDS: dict[str, type] = {
    record.__name__: record for record in (Trajectory, Landscape, Race, TrainingRun, Comparison)
}


def plain(value: Any) -> Any:
    """`value` as JSON holds it: dicts, lists, numbers, text; NaN and infinities become None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def save(path: str | os.PathLike, result: Any) -> None:
    """Write a record to a ``.npz`` file, whole or not at all; the same record gives the same bytes.

    Raises
    ------
    UsageTypeError
        If `result` is none of `RECORDS`.
    UsageError
        If it holds more than `LIMIT` bytes, which `load` would not read.
    """
    if not isinstance(result, tuple(RECORDS.values())):
        raise UsageTypeError(f"{shown(result)} is not a result", f"What can be saved: {', '.join(RECORDS)}")
    arrays: dict[str, np.ndarray] = {}
    header = {"schema": SCHEMA, "result": _pack(result, arrays)}
    text = np.frombuffer(json.dumps(header, allow_nan=True).encode(), np.uint8)
    if sum(array.nbytes for array in (text, *arrays.values())) > LIMIT:
        raise UsageError(f"the result is larger than {LIMIT} bytes, too large to save", "Make a run of fewer steps.")
    with replacing(path) as file:
        np.savez_compressed(file, header=text, **arrays)  # type: ignore[arg-type]


def load(path: str | os.PathLike) -> Any:
    """Read a record that `save` wrote.

    Raises
    ------
    DataError
        If the file is missing, damaged, or not such a file.
    """
    try:
        arrays = _arrays(path)
        header = json.loads(arrays["header"].tobytes())
        if header["schema"] != SCHEMA:
            raise ValueError(f"its schema is {header['schema']}, this version reads {SCHEMA}")
        result = _unpack(header["result"], arrays)
        if not isinstance(result, tuple(RECORDS.values())):
            raise ValueError("it holds no result")
        return result
    except Exception as error:  # zipfile, zlib, numpy and json raise a dozen types over a damaged file
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:80] or type(error).__name__
        problem = f"cannot read the result {path}: {reason}"
        raise DataError(problem, "Make it again with the command that wrote it.") from error


def _arrays(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file, each read to its end so that its checksum is compared."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > LIMIT:
            raise ValueError(f"it claims to hold more than {LIMIT} bytes")
        arrays = {}
        for member in members:
            with archive.open(member) as file:
                # Never more than it claims: a few bytes can inflate to gigabytes.
                content = io.BytesIO(file.read(member.file_size))
            arrays[member.filename.removesuffix(".npy")] = np.lib.format.read_array(content, allow_pickle=False)
        return arrays


def _pack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        body = {item.name: _pack(getattr(value, item.name), arrays) for item in fields(value)}
        return {"record": type(value).__name__, **body}
    if isinstance(value, np.ndarray):
        name = f"array{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, list | tuple):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, dict):
        return {"dict": {key: _pack(item, arrays) for key, item in value.items()}}
    return value.item() if isinstance(value, np.generic) else value


def _unpack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return tuple(_unpack(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "dict" in value:
        return {key: _unpack(item, arrays) for key, item in value["dict"].items()}
    record = RECORDS[value["record"]]
    result = record(**{key: _unpack(item, arrays) for key, item in value.items() if key != "record"})
    for item in fields(result):
        if not _fits(getattr(result, item.name), item.type):
            raise ValueError(f"{item.name} of its {record.__name__} is of the wrong type")
    return result


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is what a record's field is declared to be."""
    origin, parts = get_origin(kind) or kind, get_args(kind)
    if kind is Any or (kind is float and isinstance(value, int)):
        return True
    if origin is UnionType:
        return any(_fits(value, part) for part in parts)
    if not isinstance(value, origin):
        return False
    if origin is tuple and parts:
        kinds = (parts[0],) * len(value) if parts[-1] is ... else parts
        return len(kinds) == len(value) and all(map(_fits, value, kinds))
    return origin is not dict or all(_fits(item, parts[1]) for item in value.values())
