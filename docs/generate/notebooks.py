"""The notebooks of ``docs/notebooks`` as pages: what they say and what they run, without what that gives."""

import json
from collections.abc import Iterator
from pathlib import Path

from generate.markdown import code, page, table, toctree

FOLDER = Path(__file__).parents[1] / "notebooks"


def pages() -> Iterator[tuple[str, str]]:
    """A page for each, and one that lists them."""
    titles = {}
    for file in sorted(FOLDER.glob("*.ipynb")):
        cells = json.loads(file.read_text("utf-8"))["cells"]
        titles[file.stem] = "".join(cells[0]["source"]).partition("\n")[0].removeprefix("# ")
        yield f"notebooks/{file.stem}.md", page(_lines(cells, file.name))
    yield "notebooks/index.md", page(_index(titles))


def _lines(cells: list[dict], name: str) -> Iterator[str]:
    for cell in cells:
        text = "".join(cell["source"])
        yield from (text, "") if cell["cell_type"] == "markdown" else code(text, "python")
    yield f"This is `docs/notebooks/{name}`; run there, results show their pictures and pages below the cells."


def _index(titles: dict[str, str]) -> Iterator[str]:
    yield from (
        "# Notebooks",
        "",
        "A result that ends a cell shows what was found, and its picture; `result.explore()`",
    )
    yield from ("shows its page. `pip install jupyterlab` and what each imports; open them from `docs/notebooks`.", "")
    yield from table(
        ("notebook", "file"), ((f"[{title}]({name}.md)", f"`{name}.ipynb`") for name, title in titles.items())
    )
    yield from toctree(titles)
