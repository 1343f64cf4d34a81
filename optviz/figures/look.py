"""What the functions of pictures take, checked before anything is drawn."""

from collections.abc import Sequence
from typing import Any

from optviz.errors import UsageError
from optviz.figures.engine.camera import checked_view
from optviz.figures.engine.theme import find
from optviz.results import Race

SHOWN = ("lr", "curvature")  # what pictures of a race show besides


def look(
    result: Any, theme: str | None, size: tuple[int, int] | None, highlight: Sequence[str], show: str | None
) -> dict[str, Any]:
    """What the functions of all pictures of a result take; parameters and errors as for `optviz.draw`."""
    if show is not None and (show not in SHOWN or not isinstance(result, Race)):
        raise UsageError(f"show is '{show}'", f"A race can show: {', '.join(SHOWN)}")
    taken: dict[str, Any] = {"theme": find("dark" if theme is None else theme).name}
    if highlight:
        from optviz.figures.highlight import themed

        taken["theme"] = themed(result, taken["theme"], highlight)
    return taken | ({"size": size} if size else {}) | ({"show": show} if show else {})


def sight(result: Any, view: str, camera: Sequence[float] | None) -> dict[str, Any]:
    """What the functions of the pictures of a race take besides: nothing for a map; errors as for `optviz.draw`."""
    solid = checked_view(view, camera)
    if solid and not isinstance(result, Race):
        raise UsageError(f"a {type(result).__name__.lower()} has no surface", "Leave view out: it is of a race.")
    return {"view": view, "camera": camera} if solid else {}
