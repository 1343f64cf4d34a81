"""Results as tables in long form: a dict of columns, and pandas' and polars' tables made of it.

A row is a step, an epoch or a run, as each result says; columns have the same names in every result. Texts become
categories, all else keeps its numbers and their type, NaN included.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from optviz.errors import MissingError

if TYPE_CHECKING:
    import pandas
    import polars
    import xarray


class Tabular(ABC):
    """A result that becomes a table."""

    @abstractmethod
    def to_columns(self) -> dict[str, np.ndarray]:
        """The table as a dict of arrays of one length; texts are arrays of objects."""

    def to_pandas(self) -> "pandas.DataFrame":
        """The columns of `to_columns` as a table of pandas, texts as categories in the order of their appearance.

        Raises
        ------
        MissingError
            If pandas is not installed.
        """
        pandas = library("pandas")
        columns: dict[str, Any] = {}
        for name, values in self.to_columns().items():
            texts = values.dtype == object
            columns[name] = pandas.Categorical(values, list(dict.fromkeys(values))) if texts else values
        return pandas.DataFrame(columns)

    def to_polars(self) -> "polars.DataFrame":
        """The columns of `to_columns` as a table of polars, texts as categories.

        In names of files that are not UTF-8, "?" stands for what polars cannot hold.

        Raises
        ------
        MissingError
            If polars is not installed.
        """
        polars = library("polars")
        return polars.DataFrame(
            [
                polars.Series(name, [*map(whole, values)], dtype=polars.Categorical)
                if values.dtype == object
                else polars.Series(name, values)
                for name, values in self.to_columns().items()
            ]
        )


def library(name: str) -> Any:
    """A package that tables are made with.

    Raises
    ------
    MissingError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingError(f"{name} is not installed", 'Install it: pip install "optviz[records]"') from error


def texts(values: Iterable[str]) -> np.ndarray:
    """A column of texts."""
    return np.array(list(values), object)


def whole(text: str) -> str:
    """A text with "?" for each half of a surrogate pair, which is no UTF-8."""
    return text.encode(errors="replace").decode()


def coordinates(points: np.ndarray) -> dict[str, np.ndarray]:
    """Points, (n, d), as columns: x and y, or x1 to xd where there are other than two."""
    count = points.shape[1]
    names = "xy" if count == 2 else [f"x{k + 1}" for k in range(count)]
    return {name: points[:, k].copy() for k, name in enumerate(names)}


def stacked(tables: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Tables with the same columns, one below the other."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def crossed(*axes: np.ndarray) -> list[np.ndarray]:
    """Columns that say where each element of an array stands: the values along each of its axes."""
    return [values.ravel() for values in np.meshgrid(*axes, indexing="ij")]


# What the arrays of many runs are, for xarray: a long name, and the unit of those that have one.
TOLD = {
    "reached": {"long_name": "index of the minimizer at which the run ends, -1 for none"},
    "arrived": {"long_name": "step from which on the run stays within the tolerance, -1 for never", "units": "step"},
    "diverged": {"long_name": "step at which the run diverged, 0 where it has not", "units": "step"},
    "value": {"long_name": "objective at the last iterate, NaN where the run diverged"},
}


def dataset(
    arrays: Mapping[str, np.ndarray], axes: Mapping[str, tuple[np.ndarray, str]], facts: Mapping[str, Any]
) -> "xarray.Dataset":
    """Arrays of many runs as a data set of xarray.

    Parameters
    ----------
    arrays : mapping
        By names of `TOLD`, each with an axis for each of `axes`, in their order.
    axes : mapping
        From the name of a dimension to its coordinates and their long name.
    facts : mapping
        What holds for all runs; None is left out, since files know none.

    Raises
    ------
    MissingError
        If xarray is not installed.
    """
    xarray = library("xarray")
    return xarray.Dataset(
        {name: (tuple(axes), values.copy(), TOLD[name]) for name, values in arrays.items()},
        {name: (name, values.copy(), {"long_name": words}) for name, (values, words) in axes.items()},
        {name: value for name, value in facts.items() if value is not None},
    )
