"""Every formula of every rule against a slow reference written from the paper."""

import inspect

import pytest

from tests.optimizers.driving import BUILT_IN, PAIRS, START, disturbed, drive, drive_reported, relative, settings
from tests.optimizers.reference import REFERENCE


@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_formula_follows_its_paper(name, variant):
    slow = REFERENCE[name, variant]
    accepted = inspect.signature(slow).parameters
    tried = settings(name, variant)
    assert len(tried) >= 2
    for setting in tried:
        known = {key: value for key, value in setting.hyperparameters.items() if key in accepted}
        walked = drive_reported if getattr(slow, "reports", False) else drive
        path = walked(setting, disturbed, START, 200)
        assert relative(path, slow(disturbed, START, 200, **known)) < 1e-13, setting.hyperparameters


def test_every_formula_is_compared():
    compared = {setting.formula.update for name, variant in PAIRS for setting in settings(name, variant)}
    written = {formula.update for rule in BUILT_IN for formulas in rule.variants.values() for formula in formulas}
    assert written <= compared  # beside them, compositions with a weight decay of the rule's own
