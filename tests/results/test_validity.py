"""What declarations say of records, and that every record has them."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

import numpy as np
import pytest

from optviz import results
from optviz.results import RECORDS
from optviz.results.validity import ANY, Array, Count, Invalid, Items, Many, Number, OneOf, check


@dataclass(frozen=True)
class Part:
    name: str
    many: Annotated[np.ndarray, Array("float64", "own", low=0, unknown=True)] = dataclasses.field(
        default_factory=lambda: np.zeros(5)
    )
    shared: Annotated[np.ndarray, Array("int32|int64", "N", 2)] = dataclasses.field(
        default_factory=lambda: np.zeros((3, 2), np.int32)
    )


@dataclass(frozen=True)
class Whole:
    parts: Annotated[tuple[Part, ...], Many("parts", distinct=lambda part: part.name)]
    sums: Annotated[np.ndarray, Array("float64", "N + parts", **ANY)] = dataclasses.field(
        default_factory=lambda: np.zeros(5)
    )
    kind: Annotated[str, OneOf("a", "b")] = "a"
    count: Count = 1
    share: Annotated[float, Number(0, 1, infinite=True)] | None = None
    facts: Annotated[dict[str, Any], Items(rule=str, at=int)] | None = None
    rising: Annotated[np.ndarray, Array("float64", "rising?", rising=True, absent=True)] = dataclasses.field(
        default_factory=lambda: np.zeros(0)
    )


PARTS = Part("one"), Part("two", many=np.array([1.0, np.nan]))
AGREEMENTS = {Whole: (("its kind is that of its count", lambda whole: whole.kind == "a" or whole.count > 1),)}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sums": np.full(5, np.inf)},
        {"share": 1},
        {"share": float("-inf")},
        {"facts": {"rule": "x", "at": 3, "more": 0.5}},
        {"rising": np.array([1.0, 2.0])},
        {"kind": "b", "count": 2},
    ],
)
def test_what_is_as_it_is_declared(fields):
    check(Whole(**{"parts": PARTS} | fields), AGREEMENTS)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"parts": ()}, "parts of its Whole is empty"),
        ({"parts": [*PARTS]}, "parts of its Whole is of the wrong type"),
        ({"parts": (*PARTS, Part("one"))}, "parts of its Whole names something twice"),
        ({"parts": (Part(3),)}, "name of its Part is of the wrong type"),
        ({"parts": (Part("\udc80"),)}, "name of its Part is no text"),
        ({"parts": (Part("x" * 10_001),)}, "name of its Part is a text of 10001 characters"),
        ({"parts": (PARTS[0], Part("two", shared=np.zeros((4, 2), int)))}, "shared of its Part has 4 where 3"),
        ({"parts": (Part("two", shared=np.zeros((4, 3), int)),)}, "shared of its Part has 3 where 2 belong"),
        ({"parts": (Part("one", shared=np.zeros((3, 2))),)}, "shared of its Part is an array of float64, not of"),
        ({"parts": (Part("one", many=np.zeros((2, 2))),)}, "many of its Part has 2 dimensions, not 1"),
        ({"parts": (Part("one", many=np.zeros(0)),)}, "many of its Part is empty"),
        ({"parts": (Part("one", many=np.array([np.inf])),)}, "many of its Part is not from 0 to 1e+100"),
        ({"sums": np.zeros(4)}, "sums of its Whole has 4 where 5 belong"),
        ({"kind": "c"}, "kind of its Whole is none of a, b"),
        ({"kind": "b"}, "of its Whole it is not true that its kind is that of its count"),
        ({"count": 0}, "count of its Whole is not from 1"),
        ({"count": True}, "count of its Whole is of the wrong type"),
        ({"count": 1.0}, "count of its Whole is of the wrong type"),
        ({"share": 10**400}, "share of its Whole is of the wrong type"),
        ({"share": float("nan")}, "share of its Whole is not from 0 to 1"),
        ({"facts": {"at": 3}}, "facts of its Whole lacks rule"),
        ({"facts": {"rule": "x", "at": 0.5}}, "facts of its Whole holds an item at that is of the wrong type"),
        ({"facts": {"rule": "x", "at": 3, "more": []}}, "facts of its Whole holds an item more that is of the wrong"),
        ({"facts": {"rule": "x", "at": 3, 5: 1}}, "facts of its Whole is of the wrong type"),
        ({"rising": np.array([1.0, 1.0])}, "rising of its Whole does not rise"),
    ],
)  # fmt: skip
def test_what_is_not(fields, words):
    with pytest.raises(Invalid) as caught:
        check(Whole(**{"parts": PARTS} | fields), AGREEMENTS)
    assert words in str(caught.value)


@pytest.mark.parametrize("kind", [getattr(results, name) for name in RECORDS], ids=RECORDS)
def test_every_array_of_every_record_is_declared(kind):
    for field in dataclasses.fields(kind):
        assert field.type not in (np.ndarray, tuple, dict, Any), field.name
        if get_origin(field.type) is Annotated and get_args(field.type)[0] is np.ndarray:
            assert isinstance(get_args(field.type)[1], Array)
