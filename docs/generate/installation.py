"""The table of extras, from ``pyproject.toml``; ``docs/installation.md`` includes it."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from generate.markdown import page, plain, table

SETTINGS = Path(__file__).parents[2] / "pyproject.toml"
# What each extra is for; one that is missing here ends the build.
PURPOSES = {
    "sklearn": "`OptvizMLPClassifier` and `OptvizMLPRegressor`",
    "cuda12": "a GPU with a driver of CUDA 12, or below compute capability 7.5",
    "cuda13": "a GPU with a driver of CUDA 13",
    "data": "MNIST's relatives, which are downloaded once: `--dataset kmnist`",
    "video": "`.mp4` and `.webm` files",
    "contenders": "SciPy's and pycma's optimizers in races and studies",
    "browser": "the tests of pages, in Chromium",
    "dask": "networks trained on a Dask cluster: `--engine dask=ADDRESS`",
    "records": "tables: `to_pandas()`, `to_polars()`, `to_xarray()`",
    "notebooks": "what runs notebooks, for the tests and for this documentation",
    "trainers": "the tests inside PyTorch Lightning and Hugging Face's Trainer",
    "test": "the tests",
    "docs": "this documentation: `make docs`",
    "check": "linters, types, layers",
    "package": "building and checking distributions",
    "oracle": "the libraries that the tests compare with",
}


def extras() -> dict[str, list[str]]:
    """What each extra installs."""
    return tomllib.loads(SETTINGS.read_text("utf-8"))["project"]["optional-dependencies"]


def pages() -> Iterator[tuple[str, str]]:
    """The table, users' extras before developers' as they stand in the settings."""
    rows = [(f"`{name}`", PURPOSES[name], plain(", ".join(installed))) for name, installed in extras().items()]
    yield "installation/extras.txt", page(table(("extra", "for", "installs"), rows))
