"""Pages for browsers: one file that needs no other."""

from pathlib import Path
from typing import Any

from optviz.files import replacing
from optviz.writers._format import file_format


@file_format("html", title="pictures with values, and tables, on one page", holds=("report", "page"))
def html(path: Path, report: Any, comment: str) -> None:
    """Write a page; it says itself all that `comment` could."""
    page = report.to_html().encode()
    with replacing(path) as file:
        file.write(page)
