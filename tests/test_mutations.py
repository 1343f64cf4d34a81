"""Saved results that were changed, in thousands of ways: drawn or refused, and never our mistake."""

import collections
import concurrent.futures
import dataclasses
import multiprocessing
import traceback
import warnings

import numpy as np
import pytest

from optviz import drawing
from optviz.results import load, save
from tests.mutations import KINDS, SAVED, Files, drawn, drawn_or_refused

MANY = 1000  # of each kind
PARTS = 2  # processes among which they are divided


def tried(files, kind, numbers):
    """What became of changed files: how many of each outcome, and what went wrong with which."""
    outcomes, faults = collections.Counter(), {}
    for number in numbers:
        random = np.random.default_rng([number, *kind.encode()])
        path = files.changed(kind, random)
        try:
            outcomes[drawn_or_refused(path, random)] += 1
        except Exception:
            faults[number] = traceback.format_exc()
    return outcomes, faults


def tried_apart(folder, kind, numbers):
    """The same in a process of its own."""
    warnings.simplefilter("error")
    folder.mkdir()
    return tried(Files(folder), kind, numbers)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("changed"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_changes_of_each_kind(kind, files):
    outcomes, faults = tried(files, kind, range(12))
    assert not faults, next(iter(faults.values()))
    assert outcomes["refused"]


@pytest.mark.slow
def test_thousands_of_changes(tmp_path, capsys):
    """A minute or two on two cores."""
    jobs = {}
    with concurrent.futures.ProcessPoolExecutor(PARTS, multiprocessing.get_context("spawn")) as pool:
        for kind in KINDS:
            for part in range(PARTS):
                job = pool.submit(tried_apart, tmp_path / f"{kind}{part}", kind, range(part, MANY, PARTS))
                jobs[job] = kind
        counts, wrong = {kind: collections.Counter() for kind in KINDS}, {}
        for job, kind in jobs.items():
            outcomes, faults = job.result()
            counts[kind] += outcomes
            wrong |= {f"{kind} {number}": fault for number, fault in faults.items()}
    assert not wrong, f"{len(wrong)} faults: {', '.join(wrong)}\n{next(iter(wrong.values()))}"
    with capsys.disabled():
        print("".join(f"\n{kind}: {dict(sorted(count.items()))}" for kind, count in counts.items()))
    assert all(sum(count.values()) == MANY and count["refused"] for count in counts.values())
    assert sum(count["drawn"] for count in counts.values()) > MANY


@pytest.mark.parametrize("name", SAVED)
def test_what_our_own_tests_draw_is_what_a_record_must_be(name, tmp_path):
    """Otherwise what is tried here is refused from the start."""
    save(tmp_path / "a.npz", SAVED[name])
    load(tmp_path / "a.npz")


def renamed(value):
    """A record whose optimizers, functions, networks and data sets nobody here knows."""
    if dataclasses.is_dataclass(value):
        fields = {field.name: renamed(getattr(value, field.name)) for field in dataclasses.fields(value)}
        for name in ("optimizer", "function", "network", "dataset", "variant", "defaults"):
            if name in fields:
                fields[name] = f"somebody's {fields[name]}"
        for name in ("rates", "accuracies"):
            if isinstance(fields.get(name), dict):
                fields[name] = {f"somebody's {key}": item for key, item in fields[name].items()}
        if isinstance(fields.get("functions"), tuple):
            fields["functions"] = tuple(f"somebody's {one}" for one in fields["functions"])
        return dataclasses.replace(value, **fields)
    return tuple(map(renamed, value)) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", [name for name, record in SAVED.items() if drawing.PICTURES.get(type(record))])
def test_units_that_are_not_installed_here_are_drawn(name, tmp_path):
    save(tmp_path / "a.npz", renamed(SAVED[name]))
    result = load(tmp_path / "a.npz")
    outcomes = (drawn(result, tmp_path / "a.npz", np.random.default_rng(seed)) for seed in range(20))
    assert "drawn" in outcomes or name == "empty comparison"
