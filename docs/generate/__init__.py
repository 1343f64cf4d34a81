"""Pages about everything that registries know: passports of rules and of functions, commands, public names.

`write` is called by Sphinx before it reads pages. A new unit, command or public name needs no edit here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from generate import adapters, commands, disagreements, functions, installation, interface, notebooks, rules
from generate.pictures import Rows, draw

OURS = (".md", ".rst", ".txt", ".html", ".gif", ".png")  # endings of what `pages` gives


def pages(told: Mapping[str, Rows], ran: Mapping[str, list[notebooks.Cell]]) -> Iterator[tuple[str, str | bytes]]:
    """Every page with its text, and files that pages show: the place in the folder, and what is in it.

    `told` are the numbers of the races that pages show, as `draw` gives them; `ran` the cells of the notebooks that
    could be run, as `notebooks.run` gives them.
    """
    yield from rules.pages(told)
    yield from functions.pages(told)
    yield from notebooks.pages(ran)
    for part in (commands, interface, adapters, installation, disagreements):
        yield from part.pages()


def write(folder: Path) -> None:
    """Write all pages, the pictures of races that they show, and what notebooks give.

    Parameters
    ----------
    folder : Path
        Made if it is missing. What is there and has not changed keeps its time, so that Sphinx reads it once; pages
        of units that are no longer there go.
    """
    ran = notebooks.run(folder / "notebooks")
    known = dict(pages(draw(folder / "pictures"), ran))
    for old in [one for one in folder.rglob("*.*") if one.suffix in OURS]:
        if old.relative_to(folder).as_posix() not in known:
            old.unlink()
    for place, given in known.items():
        data = given.encode() if isinstance(given, str) else given
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_bytes() != data:
            file.write_bytes(data)
