"""Writers: one file per group of formats; the file's ending picks the format."""

from optviz.writers._format import FORMATS, Format, check, file_format, format_of, write

__all__ = ["FORMATS", "Format", "check", "file_format", "format_of", "write"]
