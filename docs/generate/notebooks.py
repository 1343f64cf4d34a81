"""The notebooks of ``docs/notebooks`` as pages: what they say, what they run, and what that gives.

A notebook is run where what it needs is installed, one after the other and with nothing beside it, since results show
seconds. It is run again where its text or the package's code is another one, see `optviz.gallery.record`.
"""

import hashlib
import html
import json
import os
import re
import tempfile
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generate.markdown import block, code, page, plain, table, toctree

FOLDER = Path(__file__).parents[1] / "notebooks"
RUNNERS = ("nbclient", "nbformat", "ipykernel")
INSTALL = 'pip install ".[notebooks,records]" torch'
NEEDED = re.compile(r"^import (\w+)|\.to_(pandas|polars|xarray)\(", re.MULTILINE)
PICTURE = re.compile(r'src="data:image/(\w+);base64,([^"]+)"')
TABLE = re.compile(r"<table.*</table>", re.DOTALL)
FRAMED = re.compile(r'sandbox="([^"]*)" title="([^"]*)".* height="(\d+)".* srcdoc="([^"]*)"', re.DOTALL)
FRAMES = Path("frames", "notebooks")  # beside the pages: Sphinx copies what is in the first of them as it is
LONGEST = 600  # seconds of a cell

Cell = dict[str, Any]


def run(folder: Path) -> dict[str, list[Cell]]:
    """Run what is missing.

    Parameters
    ----------
    folder : Path
        Made if it is missing; notebooks that have been run stay there.

    Returns
    -------
    dict of str to list of dict
        The cells with their outputs of each notebook that could be run.
    """
    from optviz.gallery import record

    folder.mkdir(parents=True, exist_ok=True)
    known, cells = record.read(folder), {}
    for file in sorted(FOLDER.glob("*.ipynb")):
        text = file.read_text("utf-8")
        if not all(map(find_spec, (*RUNNERS, *needs(_cells(text))))):
            continue
        entry, kept = record.entry([hashlib.sha256(text.encode()).hexdigest()]), folder / file.name
        if known.get(file.name) != entry or not kept.is_file():
            kept.write_text(_ran(text), "utf-8")
            record.write(folder, {file.name: entry})
        cells[file.stem] = _cells(kept.read_text("utf-8"))
    return cells


def needs(cells: Iterable[Cell]) -> set[str]:
    """The packages that cells import, and those that make their tables."""
    found = (NEEDED.findall("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code")
    return {name for pairs in found for pair in pairs for name in pair if name}


def _cells(text: str) -> list[Cell]:
    return json.loads(text)["cells"]


def _ran(text: str) -> str:
    """A notebook with its outputs."""
    import nbformat
    from nbclient import NotebookClient

    root = str(FOLDER.parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    notebook = nbformat.reads(text, as_version=4)
    with tempfile.TemporaryDirectory() as place:
        where, quiet = {"metadata": {"path": place}}, ["--log-level=ERROR"]  # it warns of its own machine's network
        client = NotebookClient(notebook, timeout=LONGEST, resources=where, extra_arguments=quiet)
        client.execute(env=os.environ | {"PYTHONPATH": path, "IPYTHONDIR": place})
    return nbformat.writes(notebook)


def pages(ran: Mapping[str, list[Cell]]) -> Iterator[tuple[str, str | bytes]]:
    """A page for each with the files that it shows, and one that lists them.

    `ran` are the cells of the notebooks that could be run, as `run` gives them.
    """
    titles = {}
    for file in sorted(FOLDER.glob("*.ipynb")):
        cells = ran.get(file.stem) or _cells(file.read_text("utf-8"))
        titles[file.stem], _, rest = "".join(cells[0]["source"]).partition("\n")
        shown, files = _body(cells[1:], file.stem)
        yield f"notebooks/{file.stem}.md", page([*_head(file, titles[file.stem], file.stem in ran), rest, "", *shown])
        yield from files.items()
    yield "notebooks/index.md", page(_index(titles))


def _head(file: Path, title: str, ran: bool) -> Iterator[str]:
    yield from (title, "")
    away = f"{{download}}`{file.name} <../../notebooks/{file.name}>`"
    words = "results are those of this run" if ran else "results are not shown: what runs it was not installed"
    yield from block("facts", [f"{away} · run it in Jupyter · {words}"])
    if not ran:
        yield from ("These pages show results where they are built with what runs them:", "")
        yield from code(f"{INSTALL}\nmake docs", "sh")


def _body(cells: Iterable[Cell], name: str) -> tuple[list[str], dict[str, bytes]]:
    """The lines of a page below its head, and the files beside it."""
    lines: list[str] = []
    files: dict[str, bytes] = {}
    for number, cell in enumerate(cells, 2):
        text = "".join(cell["source"])
        lines += [text, ""] if cell["cell_type"] == "markdown" else code(text, "python")
        for output in cell.get("outputs", ()):
            lines += block("output", _output(output, f"{name}-{number}", files))
    return lines, files


def _output(output: Cell, name: str, files: dict[str, bytes]) -> Iterator[str]:
    """The lines that show an output; what it needs beside them is put into `files`."""
    data = {kind: "".join(text) for kind, text in output.get("data", {}).items()}
    words, shown = data.get("text/plain") or "".join(output["text"]), data.get("text/html", "")
    if framed := FRAMED.search(shown):
        allowed, title, height, text = framed.groups()
        files[(FRAMES / f"{name}.html").as_posix()] = html.unescape(text).encode()
        frame = f'<iframe src="../../{FRAMES.name}/{name}.html" sandbox="{allowed}" title="{title}" height="{height}">'
        yield from _raw(frame + "</iframe>")
    elif picture := PICTURE.search(shown):
        file = f"{name}.{picture[1]}"
        files[f"notebooks/{file}"] = b64decode(picture[2])
        yield from (plain(words), "", f"![{plain(words)}]({file})")
    elif found := TABLE.search(shown):
        text = found[0].replace('border="1" class="dataframe"', 'class="table dataframe"')
        yield from _raw(f'<div class="pst-scrollable-table-container">{text}</div>')
    else:
        yield from code(words, "text")


def _raw(text: str) -> Iterator[str]:
    yield from ("```{raw} html", text, "```")


def _index(titles: dict[str, str]) -> Iterator[str]:
    yield from ("# Notebooks", "")
    yield (
        "A result that ends a cell shows what was found, and its picture; `result.explore()` shows its page. Read them "
        "here, or take the file: `pip install jupyterlab`, and what each imports. [Tables and "
        "notebooks](../../tables.md) says what results can do there."
    )
    yield ""
    rows = [
        (f"[{title.removeprefix('# ')}]({name}.md)", f"{{download}}`{name}.ipynb <../../notebooks/{name}.ipynb>`")
        for name, title in titles.items()
    ]
    yield from table(("notebook", "file"), rows)
    yield from toctree(titles)
