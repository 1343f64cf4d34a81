"""Vector files as a browser reads them: strictly."""

import io
import re

import pytest

from optviz import drawing
from optviz.results.forms import PICTURES
from tests.cli.batch_results import RESULTS

EVERY = {type(one): one for one in RESULTS.values()}
SOME = ("rates", "target", "confusion", "mistakes")  # of a comparison that holds more than this one


@pytest.mark.parametrize(
    ("kind", "picture"),
    [(kind, picture) for kind in EVERY for picture in PICTURES[kind] if picture not in SOME],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_no_side_is_negative(kind, picture):
    """Chromium draws nothing of what is cut by a rectangle that high."""
    text = io.StringIO()
    drawing.figure(EVERY[kind], picture=picture).savefig(text, format="svg")
    sides = re.findall(r'(?:width|height)="([^"]*)"', text.getvalue())
    assert len(sides) > 2 and all(not side.startswith("-") for side in sides)
