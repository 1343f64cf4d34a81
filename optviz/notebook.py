"""Results in notebooks: the picture that a cell shows, and the page that can be played with there.

>>> import optviz
>>> race = optviz.race("rosenbrock", ["sgd", "adam"], steps=10, lr=0.001)
>>> sorted(race._repr_mimebundle_())
['image/png', 'text/html', 'text/plain']
"""

import html
import io
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from optviz.drawing import draw
from optviz.errors import OptvizError, printable, said
from optviz.page.document import escaped
from optviz.results.columns import whole
from optviz.results.forms import FORMS
from optviz.results.numeric import number_in_range
from optviz.results.shown import HTML, PNG, TEXT, Explored, Shown

# Of what moves: somewhat smaller than a file and of less than half of its frames, at a pace that can be followed.
SIZE, FRAMES, FPS = (720, 540), 80, 15
MOST = 2_000_000  # bytes of an animation in a notebook
SANDBOX = "allow-scripts allow-downloads"  # of its own origin: it sees nothing of the notebook, but files can be saved


def line(result: Shown) -> str:
    """A result in one line; a half of a surrogate pair, which no message to a notebook can hold, becomes "?"."""
    return whole(printable(result.headline()))


def bundle(result: Shown) -> dict[str, str]:
    """What a notebook shows of a result, by MIME type: the line, HTML with the picture, and a still one as PNG.

    There is no ``image/gif``, which nbconvert drops: the animation is part of the HTML. Nothing is raised. Of a result
    that has no picture, or cannot be drawn, the line is all; why it cannot is said below it.
    """
    told, forms = f"<p>{escaped(line(result))}</p>", FORMS.get(type(result), ())
    if "figure" not in forms:
        return {TEXT: line(result), HTML: told}
    moves = forms[0] == "animation"
    try:
        still = (_small(result, "png") if moves else b"") or _drawn(result, "png")
    except Exception as error:  # whatever it is, a notebook that shows a result goes on
        reason = error.problem if isinstance(error, OptvizError) else said(error)
        return {TEXT: line(result), HTML: f"{told}\n<p>It cannot be drawn: {escaped(reason)}</p>"}
    moving = _small(result, "gif") if moves else b""
    kind, picture = ("gif", moving) if 0 < len(moving) <= MOST else ("png", still)
    image = f'<img src="data:image/{kind};base64,{_text(picture)}" alt="{escaped(line(result))}">'
    hint = _hint(result, len(moving)) if len(moving) > MOST else ""
    return {TEXT: line(result), HTML: f"{told}\n{image}{hint}", PNG: _text(still)}


def _small(result: Shown, kind: str) -> bytes:
    """What moves, or its end, at the size for notebooks; nothing where it has no room, or a comparison no plane."""
    try:
        return _drawn(result, kind, size=SIZE, fps=FPS, frames=FRAMES)
    except Exception:  # there is another picture
        return b""


def _drawn(result: Any, kind: str, **looks: Any) -> bytes:
    file = io.BytesIO()
    draw(result, file, format=kind, **looks)
    return file.getvalue()


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _hint(result: Shown, size: int) -> str:
    name = type(result).__name__.lower()
    call = f"optviz.draw({name}, &quot;{name}.gif&quot;)"
    return f"\n<p>Its animation has {size / 1e6:.1f} MB, too much for a notebook: <code>{call}</code> writes it.</p>"


@dataclass(frozen=True)
class Embedded:
    """The page of a result in a frame of its own, for a notebook that shows it in place.

    Attributes
    ----------
    result : Race, Comparison, Basins, Sweep, Swarm, Study or Explanation
    page : str
        HTML, one document that needs no other.
    height : int
        Of the frame, in pixels.
    """

    result: Explored
    page: str = field(repr=False)
    height: int

    def __repr__(self) -> str:
        name = type(self.result).__name__.lower()
        return (
            f"<page of {line(self.result)}>\n"
            f'A notebook shows it; elsewhere optviz.draw({name}, "{name}.html") writes it, to be opened in a browser.'
        )

    def _repr_html_(self) -> str:
        """The page inside a frame: nothing that it does reaches the notebook, and nothing there reaches it."""
        return (
            f'<iframe sandbox="{SANDBOX}" title="{html.escape(line(self.result))}" width="100%" '
            f'height="{self.height}" style="border: 0" srcdoc="{html.escape(self.page)}"></iframe>'
        )


def embedded(result: Explored, theme: str | None, height: int) -> Embedded:
    """The page of a result to be shown in place; parameters and errors as for `Explored.explore`."""
    pixels = int(number_in_range(f"height is {height!r}", height, (100, 10_000, True, True), whole=True))
    return Embedded(result, _drawn(result, "html", theme=theme).decode(), pixels)
