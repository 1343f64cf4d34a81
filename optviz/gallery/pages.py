"""The pages of the gallery: ``README.md`` for repositories, ``index.html`` for browsers, and the explorer."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from optviz.errors import OptvizError, UsageError
from optviz.files import check_writable, open_regular, replacing
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function
from optviz.gallery.pictures import KINDS, Picture, every, others, race, theme_option
from optviz.optimizers import REGISTRY as RULES
from optviz.optimizers import SEVEN
from optviz.writers import provenance

MARK = "<!-- Written by optviz gallery; changes made by hand are lost. -->"
EXPLORER, EXPLORE = "explorer.html", ["explore"]  # a page of the gallery, and the command that writes it
# The pages, each with what its beginning holds if it is ours.
PAGES = {
    "README.md": MARK,
    "index.html": '<meta name="generator" content="optviz gallery">',
    EXPLORER: "<title>optviz explorer</title>",
}
HEAD = 4096  # bytes of a page in which that stands
COLUMNS = 2


def check(folder: Path) -> None:
    """Refuse a folder that cannot be written or in which a page is somebody else's; make it if it is missing.

    Raises
    ------
    UsageError
    """
    if not folder.exists():
        check_writable(folder)
        folder.mkdir(exist_ok=True)  # another gallery may have made it meanwhile
    if not folder.is_dir():
        raise UsageError(f"cannot write the gallery to {folder}: it is a file", "Name a folder.")
    for name, mark in PAGES.items():
        page = check_writable(folder / name)
        if page.exists() and not _holds(page, mark):
            problem = f"{page} was not written by optviz gallery"
            raise UsageError(problem, "Name another folder, or move that file away.")


def _holds(page: Path, mark: str) -> bool:
    with open_regular(page) as file:
        head = file.read(HEAD)
    return head.startswith(mark.encode()) if mark == MARK else mark.encode() in head


def write_explorer(folder: Path) -> Path:
    """Write the explorer, to which all cards lead."""
    from optviz.page.explorer import explore

    with provenance.commanded(EXPLORE):
        explore(folder / EXPLORER)
        return folder / EXPLORER


def write(folder: Path, theme: str) -> list[Path]:
    """Write the pages of what is in a folder."""
    for name, text in (("index.html", index(folder, theme)), ("README.md", readme(folder, theme))):
        with replacing(folder / name) as file:
            file.write(text.encode())
    return [folder / name for name in ("index.html", "README.md")]


def shown(folder: Path) -> list[Picture]:
    """The pictures of which every file is there, in the order of the pages."""
    known = [*(race(unit) for unit in _loaded()), *every([*others()])]
    return [picture for picture in known if all((folder / file).is_file() for file in picture.files)]


def readme(folder: Path, theme: str) -> str:
    """The page as Markdown: each picture with the command that makes it."""
    command = " ".join(["optviz gallery", *theme_option(theme)])
    lines = [MARK, "", "# Gallery", ""]
    lines += [
        "Click a picture that moves for its last frame. In a browser, [index.html](index.html) shows the same,",
        "maps come alive under the pointer, and [explorer.html](explorer.html) lets its reader change everything.",
        "",
    ]
    pictures = shown(folder)
    for kind, about in KINDS.items():
        cells = [_cell(picture, theme) for picture in pictures if picture.kind == kind]
        if not cells:
            continue
        lines += [about, ""]
        if len(cells) == 1:
            lines += [cells[0].replace("<br>", "\n\n"), ""]
            continue
        lines += ["| " * COLUMNS + "|", "|---" * COLUMNS + "|"]
        rows = [cells[first : first + COLUMNS] for first in range(0, len(cells), COLUMNS)]
        lines += ["| " + " | ".join([*row, *[""] * (COLUMNS - len(row))]) + " |" for row in rows]
        lines += [""]
    lines += [f"`{command}` writes this page and every picture on it.", ""]
    return "\n".join([*lines, provenance.markdown(_document(theme)), ""])


def _cell(picture: Picture, theme: str) -> str:
    """A picture as Markdown with its command and its way into the explorer."""
    image = f"![{picture.title}]({picture.file})"
    image = f"[{image}]({picture.still})" if picture.moves else image
    command = " ".join(["optviz", picture.command, *theme_option(theme)])
    explore = f" · [explore](explorer.html#f={picture.function})" if picture.function else ""
    return f"{image}<br>`{command}`{explore}"


def index(folder: Path, theme: str) -> str:
    """The page as HTML: a card for each picture, on which its race is run."""
    from optviz.page.gallery import GalleryPage

    command = " ".join(["optviz gallery", *theme_option(theme)])
    page = GalleryPage([_card(picture, folder, theme) for picture in shown(folder)], theme, command).to_html()
    return provenance.in_page(page, _document(theme))


def _document(theme: str) -> str:
    """What a page says of what made it, for programs."""
    with provenance.commanded(["gallery", *theme_option(theme)]):
        return provenance.document()


def _card(picture: Picture, folder: Path, theme: str) -> Any:
    """What a card says: what is known of the picture and its function, and what the file itself tells of its run."""
    from optviz.page.gallery import Card

    facts = _facts(folder / picture.still)
    unit = FUNCTIONS[picture.function] if picture.function else None
    known = {} if unit is None else {name: getattr(unit, name) for name in ("formula", "reference", "hazards")}
    if picture.kind == "explain":
        known["formula"] = RULES[picture.optimizers[0]].equation
    return Card(
        title=picture.title,
        caption=picture.about,
        command=" ".join(["optviz", picture.command, *theme_option(theme)]),
        provenance=_told(facts),
        kind=picture.kind,
        poster=picture.poster,
        still=picture.still,
        animation=picture.file if picture.moves else "",
        optimizers=picture.optimizers,
        function=picture.function,
        rates=_rates(facts) if picture.kind == "race" else (),
        **known,
    )


def _facts(file: Path) -> dict[str, Any]:
    """What a picture tells of its run; nothing if it is damaged."""
    from optviz.writers.reading import read

    with contextlib.suppress(OptvizError):
        facts = read(file).get("facts")
        return facts if isinstance(facts, dict) else {}
    return {}


def _told(facts: dict[str, Any]) -> str:
    """Where the numbers of a picture come from."""
    if "network" in facts:
        return f"{facts.get('network')} on {facts.get('dataset')}, {facts.get('epochs')} epochs, seed 0"
    return str(facts.get("provenance", ""))


def _rates(facts: dict[str, Any]) -> Sequence[float]:
    """The learning rates of the seven in their race; nothing if it is another race."""
    try:
        rates = {run["optimizer"]: float(run["hyperparameters"]["lr"]) for run in facts["runs"]}
    except (KeyError, TypeError, ValueError, OverflowError):
        return ()
    good = [*rates] == [*SEVEN] and all(map(math.isfinite, rates.values()))
    return [*rates.values()] if good else ()


def _loaded() -> Iterator[Function]:
    """The registered functions; a plug-in that does not load has been named before."""
    for name in FUNCTIONS.names():
        with contextlib.suppress(ImportError):
            yield FUNCTIONS[name]
