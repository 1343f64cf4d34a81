"""Pictures: PNG, SVG and PDF. The same figure gives the same bytes: no dates, no random identifiers."""

import io
from typing import Any, BinaryIO

from optviz.style import OURS
from optviz.writers._format import file_format


@file_format("png", title="picture in pixels", holds=("figure",))
def png(file: BinaryIO, content: Any, document: str) -> None:
    """Write a matplotlib Figure or a frame, (h, w, 3 or 4) uint8, as PNG with its provenance as its comment."""
    if hasattr(content, "savefig"):
        _save(file, content, "png", {"Software": None, "Comment": document})
        return
    from PIL import PngImagePlugin

    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", document)
    image(content).save(file, format="png", pnginfo=text)


@file_format("svg", title="picture in lines, for the web", holds=("figure",), readable=True)
def svg(file: BinaryIO, figure: Any, document: str) -> None:
    """Write a matplotlib Figure as SVG with its provenance as its description."""
    _save(file, figure, "svg", {"Date": None, "Description": document})


@file_format("pdf", title="picture in lines, for print", holds=("figure",))
def pdf(file: BinaryIO, figure: Any, document: str) -> None:
    """Write a matplotlib Figure as PDF with its provenance as its subject."""
    _save(file, figure, "pdf", {"CreationDate": None, "Subject": document})


def image(content: Any) -> Any:
    """A matplotlib Figure or a frame, (h, w, 3 or 4) uint8, as an image of Pillow, without transparency."""
    import numpy as np
    from PIL import Image

    if hasattr(content, "savefig"):
        buffer = io.BytesIO()
        _save(buffer, content, "rgba", None)
        wide, high = content.canvas.get_width_height()
        content = np.frombuffer(buffer.getvalue(), np.uint8).reshape(high, wide, 4)
    return Image.fromarray(content[..., :3].copy())


def exif(document: str) -> bytes:
    """A block of EXIF data whose description is the provenance."""
    from PIL import ExifTags, Image

    block = Image.Exif()
    block[ExifTags.Base.ImageDescription] = document
    return block.tobytes()


def _save(file: BinaryIO, figure: Any, name: str, metadata: dict[str, str | None] | None) -> None:
    with OURS:
        figure.savefig(file, format=name, dpi="figure", metadata=metadata)
