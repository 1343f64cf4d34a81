"""Whose mistake an error is: that of a package whose units are used here, or ours."""

import sys
import traceback

KINDS = ("optimizers", "functions", "noise", "networks", "datasets")


def author_of(error: BaseException) -> tuple[str, str] | None:
    """The package of units whose code raised an error, and the file and line in it; None where it is ours.

    What a library raises that such a package has called is the package's.
    """
    packages = _packages()
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package == __package__.partition(".")[0]:
            return None
        if package in packages:
            return package, f"{frame.f_code.co_filename}, line {line}"
    return None


def _packages() -> set[str]:
    """The packages, other than this one, of the units that are loaded."""
    registries = [sys.modules[f"optviz.{kind}"].REGISTRY for kind in KINDS if f"optviz.{kind}" in sys.modules]
    packages = {unit.module.partition(".")[0] for registry in registries for unit in registry.loaded()}
    return packages - {"", __package__.partition(".")[0]}
