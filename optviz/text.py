"""Text that can be shown anywhere: names are anybody's, and a terminal obeys some of what it is given."""

import json
import re
from typing import Any

# Control characters, ends of lines, and what turns the direction of the text around it.
UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """`text` on one line, with an escape for every character that is not to be shown: ESC becomes ``\\x1b``."""
    return UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def json_text(document: Any, indent: int | None = None, separators: tuple[str, str] | None = None) -> str:
    """A document of plain values as JSON, which says the same with escapes for what is not to be shown."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, indent=indent, separators=separators)
    return "\n".join(UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", line) for line in text.split("\n"))


def counted(count: int, noun: str) -> str:
    """A number of things: "1 step", "1,000 steps"."""
    return f"{count:,} {noun}" + "s" * (count != 1)
