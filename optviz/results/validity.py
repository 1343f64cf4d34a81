"""Declarations of records: what each field must be is said beside it, and checked when a record comes from a file.

A type says most: text can be written down, numbers are finite, whole numbers are not below 0, and so on into tuples,
dicts and records. `Annotated` says what a type cannot: ``Annotated[np.ndarray, Array("int32", "F", "S")]`` is an array
of so many numbers in each direction. A size is a number, a name, or a sum of them; a name in capitals is one size all
over a result, however deep its records are nested, one in small letters within its own record. What several fields must
have in common is a sentence and a test, given to `optviz.results.saved.record`.
"""

import functools
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin, get_type_hints

import numpy as np

Agreement: TypeAlias = tuple[str, Callable[[Any], bool]]  # what is so of a record, and whether it is

FARTHEST = 1e100  # from 0: the squares and ratios of such numbers are finite
LARGEST = 1 << 53  # of counts: a float64 holds all up to it
MOST_STEPS = 10_000_000  # of a run: 240 MB of iterates and values
LONGEST = 10_000  # characters of a text


ANY: dict[str, Any] = {"low": -math.inf, "high": math.inf, "unknown": True}  # of what functions and runs give
MEASURED: dict[str, Any] = {"unknown": True, "infinite": True}  # of losses


class Invalid(ValueError):
    """A value is not as it is declared; the message follows its name."""


class Sizes:
    """The sizes that are known by name so far: of one record, and of the whole result."""

    def __init__(self, shared: dict[str, int]):
        self.shared = shared
        self._own: dict[str, int] = {}

    def agree(self, size: int | str, count: int) -> None:
        """Take a count for what `size` names, or compare it with what is known of that.

        Raises
        ------
        Invalid
            If they differ, or there is nothing and the name has no question mark.
        """
        *before, last = [part.strip() for part in str(size).split("+")]
        rest, name = count - sum(map(self._known, before)), last.rstrip("?")
        expected = self._known(name)
        if expected is None:
            if rest < 1 and not last.endswith("?"):
                raise Invalid("is empty")
            (self.shared if name.isupper() else self._own)[name] = rest
        elif rest != expected:
            raise Invalid(f"has {count} where {count - rest + expected} belong")

    def _known(self, name: str) -> Any:
        return int(name) if name.isdecimal() else (self.shared if name.isupper() else self._own).get(name)


class Number:
    """A number between two others; or NaN where it may be unknown, or an infinity where it may be infinite."""

    def __init__(self, low: float = -FARTHEST, high: float = FARTHEST, unknown: bool = False, infinite: bool = False):
        self.low, self.high, self.unknown, self.infinite = low, high, unknown, infinite

    def check(self, value: Any, sizes: Sizes) -> None:
        """Raise `Invalid` unless a number, or each of an array, is such a number."""
        fine = (value >= self.low) & (value <= self.high)
        if self.unknown:
            fine = fine | np.isnan(value)
        if self.infinite:
            fine = fine | np.isinf(value)
        if not np.all(fine):
            raise Invalid(f"is not from {self.low:g} to {self.high:g}")


class Array:
    """An array.

    Parameters
    ----------
    kinds : str
        Its dtype; one of several with a bar between them.
    *shape : int or str
        Its sizes; what a name with a question mark counts may be missing.
    low, high, unknown, infinite
        Of all its numbers, see `Number`.
    rising : bool
        Whether each number is larger than the one before.
    absent : bool
        Whether there may be an empty array instead.
    """

    def __init__(
        self,
        kinds: str,
        *shape: int | str,
        low: float = -FARTHEST,
        high: float = FARTHEST,
        unknown: bool = False,
        infinite: bool = False,
        rising: bool = False,
        absent: bool = False,
    ):
        self.kinds, self.shape, self.numbers = kinds.split("|"), shape, Number(low, high, unknown, infinite)
        self.rising, self.absent = rising, absent

    def check(self, value: np.ndarray, sizes: Sizes) -> None:
        """Raise `Invalid` unless it is such an array."""
        if value.dtype.name not in self.kinds:
            raise Invalid(f"is an array of {value.dtype.name}, not of {' or '.join(self.kinds)}")
        if self.absent and value.shape == (0,):
            return
        if value.ndim != len(self.shape):
            raise Invalid(f"has {value.ndim} dimensions, not {len(self.shape)}")
        for size, count in zip(self.shape, value.shape, strict=True):
            sizes.agree(size, count)
        self.numbers.check(value, sizes)
        if self.rising and not (value[1:] > value[:-1]).all():
            raise Invalid("does not rise")


class Many:
    """A tuple of a size that has a name, and whose parts all differ in what `distinct` gives of each."""

    def __init__(self, size: str, distinct: Callable[[Any], Any] | None = None):
        self.size, self.distinct = size, distinct

    def check(self, value: tuple[Any, ...], sizes: Sizes) -> None:
        """Raise `Invalid` unless it is such a tuple."""
        sizes.agree(self.size, len(value))
        if self.distinct and not differ(map(self.distinct, value)):
            raise Invalid("names something twice")


class OneOf:
    """One of a few texts."""

    def __init__(self, *texts: str):
        self.texts = texts

    def check(self, value: str, sizes: Sizes) -> None:
        """Raise `Invalid` unless it is one of them."""
        if value not in self.texts:
            raise Invalid(f"is none of {', '.join(self.texts)}")


class Items:
    """A dict of items of the given kinds by their keys; keys that are not named here may hold numbers and texts."""

    def __init__(self, **kinds: Any):
        self.kinds = kinds

    def check(self, value: dict[str, Any], sizes: Sizes) -> None:
        """Raise `Invalid` unless it is such a dict."""
        for key, item in value.items():
            try:
                _check(item, self.kinds.get(key, bool | int | float | str), sizes)
            except Invalid as error:
                raise Invalid(f"holds an item {key} that {error}") from None
        if missing := self.kinds.keys() - value.keys():
            raise Invalid(f"lacks {min(missing)}")


Count: TypeAlias = Annotated[int, Number(1, LARGEST)]
Steps: TypeAlias = Annotated[int, Number(0, MOST_STEPS)]
Seed: TypeAlias = Annotated[int, Number(0, (1 << 64) - 1)]
Share: TypeAlias = Annotated[float, Number(0, 1)]
Device: TypeAlias = Annotated[str, OneOf("cpu", "cuda")]
Region: TypeAlias = Annotated[tuple[tuple[float, float], ...], Many("2")]


def differ(names: Iterable[Any]) -> bool:
    """Whether no two of them are equal."""
    names = list(names)
    return len(set(names)) == len(names)


def check(record: Any, agreements: Mapping[type, tuple[Agreement, ...]], shared: dict[str, int] | None = None) -> None:
    """Check a record and all that it is made of.

    Parameters
    ----------
    record : dataclass
    agreements : mapping of type to tuple of (sentence, test)
        What must be so of a record of each type, once its fields are what they are declared to be.
    shared : dict of str to int, optional
        The sizes in capitals that are known.

    Raises
    ------
    Invalid
        If something is not as it is declared; names the field.
    """
    kind: Any = type(record)
    sizes = Sizes({} if shared is None else shared)
    for name, declared in _declared(kind).items():
        value = getattr(record, name)
        try:
            _check(value, declared, sizes)
        except Invalid as error:
            raise Invalid(f"{name} of its {kind.__name__} {error}") from None
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part):
                check(part, agreements, sizes.shared)
    for sentence, holds in agreements.get(kind, ()):
        if not holds(record):
            raise Invalid(f"of its {kind.__name__} it is not true that {sentence}")


@functools.cache
def _declared(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _check(value: Any, declared: Any, sizes: Sizes) -> None:
    """Raise `Invalid` unless a value is what a type and its annotations say; records inside are for `check`."""
    origin, parts = get_origin(declared) or declared, get_args(declared)
    if origin in (Union, UnionType):
        declared = next((part for part in parts if _is(value, part)), NoneType)
        origin, parts = get_origin(declared) or declared, get_args(declared)
    if origin is Annotated:
        declared, *needs = parts
        origin, parts = get_origin(declared) or declared, get_args(declared)
    else:
        needs = [_PLAIN[origin]] if origin in _PLAIN else []
    if not _is(value, declared):
        raise Invalid("is of the wrong type")
    if origin is tuple:
        kinds = (parts[0],) * len(value) if parts[-1] is ... else parts
        if len(kinds) != len(value):
            raise Invalid("is of the wrong type")
        for item, kind in zip(value, kinds, strict=True):
            _check(item, kind, sizes)
    elif origin is dict:
        for key, item in value.items():
            _check(key, parts[0], sizes)
            _check(item, parts[1], sizes)
    for need in needs:
        need.check(value, sizes)


def _is(value: Any, declared: Any) -> bool:
    """Whether a value is of a type, whatever it holds."""
    kind = get_origin(declared) or declared
    if kind is Annotated:
        return _is(value, get_args(declared)[0])
    if kind is Any:
        return True
    if kind is float and type(value) is int:
        return abs(value) <= sys.float_info.max
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


class _Text:
    """A text that can be written down."""

    def check(self, value: str, sizes: Sizes) -> None:
        """Raise `Invalid` unless it is one."""
        if len(value) > LONGEST:
            raise Invalid(f"is a text of {len(value)} characters")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Invalid("is no text")


_PLAIN: dict[Any, Any] = {int: Number(0, LARGEST), float: Number(), str: _Text()}
