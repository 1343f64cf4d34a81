"""Pages about everything that registries know: passports of rules and of functions, commands, public names.

`write` is called by Sphinx before it reads pages. A new unit, command or public name needs no edit here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from generate import commands, disagreements, functions, interface, notebooks, rules
from generate.pictures import Rows, draw


def pages(told: Mapping[str, Rows]) -> Iterator[tuple[str, str]]:
    """Every page with its text: its place in the folder, and Markdown or reStructuredText.

    `told` are the numbers of the races that pages show, as `draw` gives them.
    """
    yield from rules.pages(told)
    yield from functions.pages(told)
    for part in (commands, interface, disagreements, notebooks):
        yield from part.pages()


def write(folder: Path) -> None:
    """Write all pages, and the pictures of races that they show.

    Parameters
    ----------
    folder : Path
        Made if it is missing. What is there and has not changed keeps its time, so that Sphinx reads it once; pages
        of units that are no longer there go.
    """
    texts = dict(pages(draw(folder / "pictures")))
    for old in [one for one in folder.rglob("*.*") if one.suffix in (".md", ".rst", ".txt")]:
        if old.relative_to(folder).as_posix() not in texts:
            old.unlink()
    for place, text in texts.items():
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")
