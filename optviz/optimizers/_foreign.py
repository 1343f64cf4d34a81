"""What stands for the formula of another library's optimizer."""

import importlib.util
from dataclasses import dataclass
from typing import Any

from optviz.errors import MissingError, OptvizError, UsageError
from optviz.formulas.formula import Formula

PACKAGES = {"scipy": "SciPy", "cma": "pycma"}  # what is imported, and what it is called


def unwritten(x, g):
    """Stand where a formula would: its library makes the steps, so no kernel is built of it."""
    raise NotImplementedError("its library makes the steps")


@dataclass(frozen=True)
class Foreign(Formula):
    """What stands for the formula of a rule of another library.

    Attributes
    ----------
    package : str
        What has to be installed, as it is imported.
    method : str
        What the library calls it.
    looks : {"value", "gradient", "hessian"}
        The most that it asks for at a point.
    target : class or function
        What makes the steps, where it is no method of scipy's or pycma's.
    kinds : tuple of (str, type)
        Of what type each of its hyperparameters is to be given.
    groups : tuple of (str, tuple of str)
        Which of them are given as one tuple, ``("betas", ("beta1", "beta2"))``.
    """

    package: str = ""
    method: str = ""
    looks: str = "value"
    target: Any = None
    kinds: tuple[tuple[str, type], ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def kind(self) -> str:
        return "contender"

    def check_runs(self, function: Any = None) -> None:
        """Refuse to run, on a function, without what it needs.

        Raises
        ------
        MissingError
            If its package is not installed.
        UsageError
            If it asks for second derivatives, and the function has none.
        """
        if self.target is not None:
            return
        title = PACKAGES[self.package]
        if importlib.util.find_spec(self.package) is None:
            raise MissingError(
                f"{title} is not installed, which runs {self.method}", 'pip install "optviz[contenders]"'
            )
        if self.looks == "hessian" and function is not None:
            try:
                callable(function.hessian)  # which is derived when it is asked for
            except OptvizError as error:
                problem = f"{title}'s {self.method} needs second derivatives, and {function.title} has none"
                raise UsageError(problem, "Take one that asks for gradients alone: scipy:BFGS") from error


def foreign(setting: Any) -> Foreign:
    """What stands for the formula of a contender's setting."""
    formula = setting.formula
    assert isinstance(formula, Foreign)
    return formula
