"""Every formula of every rule against a slow reference written from the paper."""

import inspect

import pytest

from tests.optimizers.driving import MATRIX_PAIRS, OURS, PAIRS, drive, drive_reported, problem, relative, settings
from tests.optimizers.reference import REFERENCE

TOLERANCE = {"matrices": 1e-11}  # whose references take singular values instead


@pytest.mark.parametrize(("name", "variant"), [*PAIRS, *MATRIX_PAIRS])
def test_formula_follows_its_paper(name, variant):
    slow = REFERENCE[name, variant]
    accepted = inspect.signature(slow).parameters
    tried, (gradient, start) = settings(name, variant), problem(name)
    assert len(tried) >= 2
    for setting in tried:
        known = {key: value for key, value in setting.hyperparameters.items() if key in accepted}
        walked = drive_reported if getattr(slow, "reports", False) else drive
        path = walked(setting, gradient, start, 200)
        assert relative(path, slow(gradient, start, 200, **known)) < TOLERANCE.get(setting.kind, 1e-13), (
            setting.hyperparameters
        )


def test_every_formula_is_compared():
    compared = {setting.formula.update for name, variant in PAIRS + MATRIX_PAIRS for setting in settings(name, variant)}
    written = {
        formula.update
        for rule in OURS
        if rule.kind != "solver"
        for formulas in rule.variants.values()
        for formula in formulas
    }
    assert written <= compared  # beside them, compositions with a weight decay of the rule's own
