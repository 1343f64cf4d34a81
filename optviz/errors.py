"""The errors that optviz raises on purpose, each with its remedy and its exit code.

Every error says in one line what is wrong, naming the thing, and in another what to do. The command line prints
both lines and exits with the class's ``exit_code``; in Python they are the message of an ordinary exception.
"""

import re

# Control characters, ends of lines, and what turns the direction of the text around it: a terminal obeys some of them.
UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """`text` on one line, with an escape for every character that is not to be shown: ESC becomes ``\\x1b``."""
    return UNSHOWN.sub(lambda character: character[0].encode("unicode_escape").decode(), text)


class OptvizError(Exception):
    """An error with its remedy.

    Parameters
    ----------
    problem : str
        One line that names the thing that is wrong.
    remedy : str
        One line that says what to do, or "" where nothing can be said.
    excerpt : str
        Lines that show the place, if what is wrong has one: a part of a text with carets below it.

    Examples
    --------
    >>> import optviz
    >>> raise optviz.OptvizError("the disk is full", "Remove something.")
    Traceback (most recent call last):
    optviz.errors.OptvizError: the disk is full
    Remove something.
    """

    exit_code = 1

    def __init__(self, problem: str, remedy: str = "", excerpt: str = ""):
        self.problem, self.remedy = printable(problem), printable(remedy)
        self.excerpt = "\n".join(map(printable, excerpt.split("\n")))
        super().__init__(self.problem, self.remedy, self.excerpt)

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.problem, self.excerpt, self.remedy)))


class UsageError(OptvizError, ValueError):
    """A value that cannot be used: an unknown name, a hyperparameter out of range, a bad option.

    >>> import optviz
    >>> optviz.minimize("sphere", "adam", beta1=2)
    Traceback (most recent call last):
    optviz.errors.UsageError: adam: beta1 is 2
    It must be a number in [0, 1).
    """

    exit_code = 2


class UsageTypeError(OptvizError, TypeError):
    """A value of the wrong type: a string for a learning rate, an integer array for parameters.

    >>> import optviz
    >>> optviz.minimize("sphere", "adam", lr=[1])
    Traceback (most recent call last):
    optviz.errors.UsageTypeError: adam: lr is [1]
    It must be a number.
    """

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that no registry holds.

    >>> import optviz
    >>> optviz.minimize("sphere", "adma")
    Traceback (most recent call last):
    optviz.errors.UnknownNameError: unknown optimizer 'adma'
    Did you mean 'adam'? See: optviz list optimizers
    """


class FormulaError(UsageError):
    """A formula that no kernel can be made of: its author's to change, not the command's."""

    exit_code = 1


class PluginError(OptvizError, ImportError):
    """A unit of another package that does not load.

    >>> import optviz
    >>> optviz.PluginError("the rule does not load", "Update its package.").exit_code
    3
    """

    exit_code = 3


class DataError(OptvizError):
    """A data file that is damaged or is not what it says it is.

    >>> import optviz
    >>> optviz.DataError("digits.gz is damaged", "Download it again.").problem
    'digits.gz is damaged'
    """


class MissingError(OptvizError):
    """Something that this machine lacks: a data file, an optional package, a device.

    >>> import optviz
    >>> optviz.MissingError("torch is not installed", "Install it: pip install torch").remedy
    'Install it: pip install torch'
    """

    exit_code = 3


def shown(value: object) -> str:
    """`value` as a message can show it: on one line, and not for ever."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a broken __repr__, or an integer of more digits than Python prints
        text = f"a {type(value).__name__} that cannot be printed"
    return text if len(text) <= 60 else f"{text[:57]}..."


def said(error: BaseException) -> str:
    """The type of an error and what it says, if it says anything: that of somebody else may fail over it."""
    kind = type(error).__name__
    try:
        return f"{kind}: {error}".removesuffix(": ")
    except Exception:  # a broken __str__
        return kind
