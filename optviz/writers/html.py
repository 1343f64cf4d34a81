"""Pages for browsers: one file that needs no other."""

from typing import Any, BinaryIO

from optviz.writers import provenance
from optviz.writers._format import file_format


@file_format("html", title="pictures with values, and tables, on one page", holds=("report", "page"), readable=True)
def html(file: BinaryIO, report: Any, document: str) -> None:
    """Write a report's page with its provenance at the end of its head."""
    file.write(provenance.in_page(report.to_html(), document).encode())
