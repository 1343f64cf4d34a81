"""Pictures: PNG, SVG and PDF. The same figure gives the same bytes: no dates, no random identifiers."""

from pathlib import Path
from typing import Any

from optviz.files import replacing
from optviz.style import OURS
from optviz.writers._format import file_format


@file_format("png", title="picture in pixels", holds=("figure",))
def png(path: Path, content: Any, comment: str) -> None:
    """Write a matplotlib Figure or a frame, (h, w, 3 or 4) uint8, as PNG with `comment` as its text."""
    if hasattr(content, "savefig"):
        _save(path, content, "png", {"Software": None, "Comment": comment or None})
        return
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    if comment:
        text.add_text("Comment", comment)
    with replacing(path) as file:
        Image.fromarray(content[..., :3].copy()).save(file, format="png", pnginfo=text)


@file_format("svg", title="picture in lines, for the web", holds=("figure",))
def svg(path: Path, figure: Any, comment: str) -> None:
    """Write a matplotlib Figure as SVG with `comment` as its description."""
    _save(path, figure, "svg", {"Date": None, "Description": comment or None})


@file_format("pdf", title="picture in lines, for print", holds=("figure",))
def pdf(path: Path, figure: Any, comment: str) -> None:
    """Write a matplotlib Figure as PDF with `comment` as its subject."""
    _save(path, figure, "pdf", {"CreationDate": None, "Subject": comment or None})


def _save(path: Path, figure: Any, name: str, metadata: dict[str, str | None]) -> None:
    with replacing(path) as file, OURS:
        figure.savefig(file, format=name, dpi="figure", metadata=metadata)
