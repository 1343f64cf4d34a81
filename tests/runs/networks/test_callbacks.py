"""Callbacks of a training: every epoch of every run once, in order, in the calling thread, whatever computes."""

import dataclasses
import functools
import math
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError, UsageTypeError
from optviz.runs.networks.callbacks import Callbacks
from tests.runs.same import content

ENGINES = {"threads": lambda: "threads", "executor": lambda: ThreadPoolExecutor(2), "processes": lambda: "processes"}
MEASURES = ("train_loss", "test_loss", "test_accuracy", "seconds")


@pytest.fixture(scope="module")
def arguments(blobs_folder):
    return {"dataset": blobs_folder, "optimizers": ["sgd", "adam"], "epochs": 3, "batch_size": 32, "seeds": 2}


class Heard:
    """Keeps what it is told, and in which thread."""

    def __init__(self):
        self.epochs, self.ends, self.threads = [], [], set()

    def __call__(self, event):
        self.threads.add(threading.get_ident())
        (self.epochs if isinstance(event, optviz.Epoch) else self.ends).append(event)
        assert isinstance(event, optviz.Epoch) == (not self.ends)  # the comparison comes last

    def check(self, comparison):
        """All epochs of all runs have been told once, those of each run in order, and then the comparison."""
        assert self.ends == [comparison] and self.ends[0] is comparison
        assert self.threads == {threading.get_ident()}
        assert len(self.epochs) == sum(len(run.epochs) for run in comparison.runs)
        for run in comparison.runs:
            mine = [one for one in self.epochs if (one.optimizer, one.seed) == (run.optimizer, run.seed)]
            assert [one.epoch for one in mine] == [epoch["epoch"] for epoch in run.epochs]
            for one, epoch in zip(mine, run.epochs, strict=True):
                assert (one.title, one.epochs) == (run.title, comparison.epochs)
                assert all(getattr(one, name) == epoch[name] for name in MEASURES)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_epoch_is_told_in_order_and_then_the_comparison(arguments, engine):
    first, second = Heard(), Heard()
    comparison = optviz.train(**arguments, engine=ENGINES[engine](), callbacks=[first, second])
    first.check(comparison)
    second.check(comparison)
    assert first.epochs == second.epochs


def test_callbacks_change_nothing(arguments):
    assert content(optviz.train(**arguments, callbacks=[Heard()])) == content(optviz.train(**arguments))


@pytest.mark.parametrize("engine", ENGINES)
def test_runs_of_a_journal_are_told_from_their_first_epoch(arguments, tmp_path, engine):
    optviz.train(**arguments | {"epochs": 2}, journal=tmp_path)
    for more in ({}, {"epochs": 4}):  # all known, and some to be extended
        heard = Heard()
        given = arguments | {"epochs": 2} | more
        heard.check(optviz.train(**given, journal=tmp_path, engine=ENGINES[engine](), callbacks=[heard]))


def test_epochs_are_told_while_runs_go_on(arguments):
    """Not at the end of everything: the first epoch is told before the last one is made."""
    told = []

    def first(event):
        told.append(event)
        if len(told) == 1:
            raise KeyboardInterrupt

    found = optviz.train(**arguments | {"epochs": 100_000}, callbacks=[first])
    assert found.interrupted and max(len(run.epochs) for run in found.runs) < 100_000


def test_ctrl_c_tells_what_was_finished_and_the_comparison(arguments):
    heard = Heard()

    def interrupt(event):
        if isinstance(event, optviz.Epoch) and len(heard.epochs) == 3:
            raise KeyboardInterrupt

    comparison = optviz.train(**arguments | {"epochs": 100_000}, callbacks=[heard, interrupt])
    assert comparison.interrupted
    heard.check(comparison)


def test_trials_of_learning_rates_are_not_told(arguments):
    heard = Heard()
    given = arguments | {"optimizers": ["sgd"], "epochs": 1, "seeds": 1}
    heard.check(optviz.train(**given, lr="tuned", callbacks=[heard]))


def test_a_run_that_diverges_ends_with_its_last_epoch(arguments):
    heard = Heard()
    comparison = optviz.train(**arguments | {"optimizers": ["sgd"]}, lr=1e30, callbacks=[heard])
    assert all(run.diverged_at for run in comparison.runs)
    heard.check(comparison)


def test_the_learning_rate_is_that_of_the_last_step_of_the_epoch(arguments):
    heard = Heard()
    given = arguments | {"optimizers": ["sgd(lr=0.25)", "momentum(lr=linear(0.5, final=0))"], "seeds": 1}
    comparison = optviz.train(**given, callbacks=[heard])
    heard.check(comparison)
    steps, constant, falling = comparison.steps, *(run.optimizer for run in comparison.runs)
    assert [one.lr for one in heard.epochs if one.optimizer == constant] == [0.25] * 3
    expected = optviz.minimize("sphere", "sgd", lr="linear(0.5, final=0)", steps=3 * steps).learning_rates[steps::steps]
    np.testing.assert_allclose([one.lr for one in heard.epochs if one.optimizer == falling], expected, rtol=1e-12)


def test_a_rule_without_a_learning_rate_has_none(arguments):
    heard = Heard()
    optviz.train(**arguments | {"optimizers": ["cocob"], "epochs": 1, "seeds": 1}, callbacks=[heard])
    known = "lr" in optviz.configure("cocob").hyperparameters
    assert math.isnan(heard.epochs[0].lr) == (not known)


def test_an_epoch_is_frozen(arguments):
    heard = Heard()
    optviz.train(**arguments | {"optimizers": ["sgd"], "epochs": 1, "seeds": 1}, callbacks=[heard])
    with pytest.raises(dataclasses.FrozenInstanceError):
        heard.epochs[0].lr = 0.0


def broken(event):
    raise ZeroDivisionError("no\nreason")


class Speechless(Exception):
    def __str__(self):
        raise TypeError


def speechless(event):
    raise Speechless


class Broken:
    def __call__(self, event):
        if isinstance(event, optviz.Comparison):
            raise KeyError

    def __repr__(self):
        return "<my logger>"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("callback", "name", "kept"),
    [
        (broken, "broken failed: ZeroDivisionError: no", 0),
        (Broken(), "<my logger>", 4),
        (speechless, "speechless failed: Speechless", 0),
    ],
)
def test_a_callback_that_raises_ends_the_training_and_is_named(arguments, tmp_path, engine, callback, name, kept):
    with pytest.raises(UsageError, match=name) as error:
        optviz.train(**arguments, engine=ENGINES[engine](), callbacks=[callback], journal=tmp_path)
    assert error.value.__cause__.__class__ in (ZeroDivisionError, KeyError, Speechless)
    assert "\n" not in error.value.problem and "journal" in error.value.remedy
    assert len(list(tmp_path.glob("*.run.npz"))) >= kept
    heard = Heard()
    heard.check(optviz.train(**arguments, journal=tmp_path, callbacks=[heard]))


async def asynchronous(event):
    """Nobody would wait for it."""


def generator(event):
    yield event


class Asynchronous:
    async def __call__(self, event):
        """Nor for this."""

    def __repr__(self):
        return "<asynchronous>"


@pytest.mark.parametrize(
    "callbacks",
    [
        print,
        "log",
        7,
        None,
        [7],
        ["log"],
        [print, lambda: None],
        [lambda one, other: None],
        [asynchronous],
        [generator],
        [Asynchronous()],
        [functools.partial(Asynchronous())],
    ],
    ids=[
        "function",
        "text",
        "number",
        "nothing",
        "a number",
        "a text",
        "of nothing",
        "of two",
        "asynchronous",
        "a generator",
        "an asynchronous object",
        "a part of one",
    ],
)
def test_bad_callbacks_are_refused_before_any_work(callbacks, tmp_path):
    with pytest.raises(UsageTypeError, match=r"callbacks"):
        optviz.train(tmp_path / "nowhere", callbacks=callbacks)


@pytest.mark.parametrize(
    "callback", [print, list().append, functools.partial(print, "epoch"), Heard(), lambda *_: None]
)
def test_whatever_takes_one_event_is_a_callback(callback):
    from optviz.runs.networks.callbacks import checked

    assert checked([callback]) == checked(iter((callback,))) == (callback,)


def test_without_callbacks_nothing_is_looked_up():
    assert not Callbacks().lack(None, 3)
