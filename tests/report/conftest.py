"""Pages without their pictures."""

import pytest

from optviz.page.pictures import picture


@pytest.fixture
def undrawn(monkeypatch):
    """Leaves out what takes nearly all of the time: to draw the pictures."""

    def drawn_by(figure, comparison, palette, alternative, caption):
        return picture([("broad", figure, theme) for theme in palette], [], alternative, caption)

    def images(drawn, own, whole):
        return [(f'class="{theme.name}"', f"data:,{figure.__name__}") for _, figure, theme in drawn]

    monkeypatch.setattr("optviz.report.drawn_by", drawn_by)
    monkeypatch.setattr("optviz.page.pictures.images", images)
