"""What a notebook is told of a result: mixins of records.

Pictures and pages are made by `optviz.notebook`, which is loaded when one is asked for: a saved result is read without
anything that draws.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Collection
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optviz.notebook import Embedded

DOOR = "optviz.notebook"
TEXT, HTML, PNG = "text/plain", "text/html", "image/png"


class Shown(ABC):
    """A result that shows itself in a notebook: by one line, and by its picture where it has one."""

    @abstractmethod
    def headline(self) -> str:
        """One line: what it is, and what it found."""

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """What IPython asks for; pictures are drawn the first time that somebody wants one."""
        wanted = (_kinds(include) or {TEXT, HTML, PNG}) - _kinds(exclude)
        if wanted <= {TEXT} or _in_terminal():
            return {TEXT: import_module(DOOR).line(self)} if TEXT in wanted else {}
        return {kind: data for kind, data in self._bundle.items() if kind in wanted}

    @cached_property
    def _bundle(self) -> dict[str, str]:
        return import_module(DOOR).bundle(self)


class Explored(Shown):
    """A result that has a page as well."""

    def explore(self, *, theme: str | None = None, height: int = 720) -> "Embedded":
        """The result's page, to be played with in the notebook itself.

        Parameters
        ----------
        theme : {"dark", "light"}, optional
            By default that of the reader's system; readers may choose the other one on the page.
        height : int
            Of the page in pixels, 100 to 10,000; what does not fit is scrolled to.

        Returns
        -------
        Embedded
            What shows the page as the last line of a cell. ``optviz.draw(result, "page.html")`` writes it to a file.

        Raises
        ------
        UsageError, UsageTypeError
            If the theme or the height cannot be used.
        """
        return import_module(DOOR).embedded(self, theme, height)


def _kinds(names: Any) -> set[str]:
    """MIME types that somebody names, one or several; of anything else nothing, since a notebook goes on."""
    several = {names} if isinstance(names, str) else names if isinstance(names, Collection) else ()
    return {name for name in several if isinstance(name, str)}


def _in_terminal() -> bool:
    """Whether IPython runs in a terminal, which asks for everything and shows the text."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    formatter = getattr(shell, "display_formatter", None)
    return HTML not in getattr(formatter, "active_types", (HTML,))
