"""Optimizers that note the beginning of every epoch but the first in a file, and take their time: in any process.

They are registered in the block of `registered` only, so that no other test meets them. Worker processes import
`tests.runs.logged_units`, which registers them there.
"""

import contextlib
import os
import time
from collections import Counter
from pathlib import Path

from optviz.optimizers import REGISTRY, UpdateRule

LOG = "OPTVIZ_TEST_LOG"
NAMES = tuple(f"logged{letter}" for letter in "abcdef")


def _step(x, g, rate, lr):
    return x - lr * rate * g


def _rule(name):
    defaults = {"paper": {"lr": 0.05, "pause": 0.0}}
    rule = UpdateRule(name, name, 2026, "", "", "", variants={}, defaults=defaults, module="tests.runs.logged_units")

    def scalars(t, pause):
        first = float(getattr(t, "flat", [t])[0])
        if first > 1:
            with open(os.environ[LOG], "a") as file:
                file.write(f"{name} {first:.0f} {os.getpid()}\n")
            time.sleep(pause)
        return {"rate": t * 0 + 1}

    rule.formula("paper", scalars=scalars)(_step)
    return rule


RULES = [_rule(name) for name in NAMES]


@contextlib.contextmanager
def registered():
    for rule in RULES:
        REGISTRY.add(rule)
    try:
        yield
    finally:
        for name in NAMES:
            REGISTRY._units.pop(name, None)


def entries(log: Path) -> list[tuple[str, int, int]]:
    """What was noted: the optimizer, the epoch's first step, and the process."""
    if not log.exists():
        return []
    lines = [line.split() for line in log.read_text().splitlines()]
    return [(name, int(first), int(process)) for name, first, process in lines]


def counts(log: Path) -> Counter:
    """How often each optimizer began each epoch but the first."""
    return Counter((name, first) for name, first, _ in entries(log))
