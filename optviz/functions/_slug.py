"""Names of functions in names of files."""

import hashlib
import re

LONGEST_SLUG = 60  # letters


def slug_of(name: str) -> str:
    """A function's name in names of files: at most 60 letters, digits, ``-`` and ``_``; the name itself where it fits.

    Other letters become ``-``, a minus a word. Where that loses more than brackets and spaces, or is too long, the
    beginning of a digest stands at the end, so that two functions never share a file.
    """
    words = re.sub(r"(?<![\w.)])-(?=[\d.])", "minus", name)
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", words).strip("-")
    if slug and len(slug) <= LONGEST_SLUG and not re.search(r"[^\w(), =.-]", name, re.ASCII):
        return slug
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{slug[: LONGEST_SLUG - 9].strip('-')}-{digest}".strip("-")
