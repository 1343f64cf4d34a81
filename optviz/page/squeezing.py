"""JavaScript without the spaces and comments that only its authors read: a quarter of a page's bytes are spared.

Names stay, lines stay, and nothing is moved: what could change a program's meaning is not touched. Strings, templates
and regular expressions are copied as they are.
"""

WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")
BEFORE_PATTERN = frozenset("(,=:[!&|?{};\n")  # what stands before a regular expression, and not before a division


def squeezed(text: str) -> str:
    """A script of ours without comments and needless spaces."""
    kept: list[str] = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter in "\"'":
            end = _quoted(text, place, letter)
        elif letter == "`":
            end = _template(text, place)
        elif text.startswith("//", place):
            place = _found(text, "\n", place)
            continue
        elif text.startswith("/*", place):
            place = _found(text, "*/", place) + 2
            continue
        elif letter == "/" and (not kept or kept[-1][-1] in BEFORE_PATTERN):
            end = _pattern(text, place)
        elif letter in " \n":
            end = place
            while end < len(text) and text[end] in " \n":
                end += 1
            kept += _space(kept, "\n" if "\n" in text[place:end] else " ", text[end : end + 2])
            place = end
            continue
        else:
            end = place + 1
        kept.append(text[place:end])
        place = end
    return "".join(kept).strip()


def _space(kept: list[str], space: str, after: str) -> list[str]:
    """What is left of a space: itself between words, or between signs that would become another one."""
    before = kept[-1][-1] if kept else "\n"
    if space == "\n":
        return [] if before in "\n{;," or after[:1] in ("}", "") or after.startswith("//") else ["\n"]
    if before == "\n" or after.startswith(("//", "/*")):
        return []
    between_words = before in WORD and after[:1] in WORD
    return [" "] if between_words or (before in "+-/" and after[:1] in "+-/") else []


def _found(text: str, what: str, place: int) -> int:
    found = text.find(what, place)
    return len(text) if found < 0 else found


def _quoted(text: str, place: int, quote: str) -> int:
    """Where a string ends."""
    place += 1
    while text[place] != quote:
        place += 2 if text[place] == "\\" else 1
    return place + 1


def _pattern(text: str, place: int) -> int:
    """Where a regular expression ends; a slash in brackets does not end it."""
    place, inside = place + 1, False
    while text[place] != "/" or inside:
        inside = (inside or text[place] == "[") and text[place] != "]"
        place += 2 if text[place] == "\\" else 1
    return place + 1


def _template(text: str, place: int) -> int:
    """Where a template ends; those in its places are part of it."""
    place, depth = place + 1, 0
    while text[place] != "`" or depth:
        if text[place] == "\\":
            place += 2
        elif text.startswith("${", place):
            place, depth = place + 2, depth + 1
        elif depth and text[place] in "\"'":
            place = _quoted(text, place, text[place])
        elif depth and text[place] == "`":
            place = _template(text, place)
        else:
            depth += depth and (text[place] == "{") - (text[place] == "}")
            place += 1
    return place + 1
