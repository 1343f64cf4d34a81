"""From the text of a transformed function to the function."""

import re
from collections.abc import Callable
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.calls import Call, parse, split, written
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function
from optviz.transforms._transform import REGISTRY

Reader = Callable[[str], Function]
CALLED = re.compile(r"\s*([^\W\d][\w-]*)\s*\((.*)\)\s*", re.DOTALL)


def is_transform(text: Any) -> bool:
    """Whether a text is written as a transform of something: ``"tilted(rosenbrock, 30)"``."""
    found = CALLED.fullmatch(text) if isinstance(text, str) else None
    return found is not None and found[1] in REGISTRY


def configure(function: str | Call | Function, inside: Reader | None = None) -> Function:
    """A test function by its name, as a transform of one, or as it is.

    Parameters
    ----------
    function : str, Call or Function
        ``"rosenbrock"``, ``"tilted(rosenbrock, 30)"``, ``"logged(tilted(rosenbrock, degrees=30))"``. A formula that
        somebody has typed may stand inside, in quotes or not: ``tilted("x**2 + y**4", 30)``.
    inside : function, optional
        Reads what is no transform, a text; by default the name of a registered function.

    Returns
    -------
    Function

    Raises
    ------
    UnknownNameError
        If nothing has that name.
    UsageError, UsageTypeError
        If the text cannot be read, or a number of a transform cannot be used.
    """
    read = inside or FUNCTIONS.__getitem__
    if isinstance(function, Function):
        return function
    if isinstance(function, str):
        if not is_transform(function):
            return read(function)
        function = _parsed(function)
    if not isinstance(function, Call):
        raise UsageTypeError(f"{shown(function)} is no test function", 'Give its name: "rosenbrock"')
    if function.name not in REGISTRY or not (function.positional or function.named):
        return read(function.text)
    transform = REGISTRY[function.name]
    if not function.positional or not isinstance(function.positional[0], Call | str):
        raise UsageError(f"{function.text} does not say what is {transform.name}", f"Write {transform.usage}")
    first, *numbers = function.positional
    named: dict[str, Any] = dict(function.named)
    return transform(configure(first, inside), *numbers, **named)


def _parsed(text: str) -> Any:
    """The call that a text is; what stands first in its brackets is put in quotes where it is a formula."""
    try:
        return parse(text, "function")
    except UsageError:
        found = CALLED.fullmatch(text)
        assert found is not None
        first, *rest = split(found[2])
        if _is_readable(first):
            raise
        return parse(f"{found[1]}({', '.join([written(first), *rest])})", "function")


def _is_readable(text: str) -> bool:
    try:
        parse(text, "function")
    except UsageError:
        return False
    return True
