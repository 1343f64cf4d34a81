"""The notebooks of docs/notebooks: stored without outputs, run from top to bottom, and as pages."""

import json
import os
import sys
from base64 import b64encode
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "docs"))  # where Sphinx finds what it writes pages with

from generate import notebooks as pages_of_notebooks  # noqa: E402

NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))}
MOST = 2_500_000  # bytes of a notebook with its outputs
NEEDS = {
    "inside-your-pytorch-loop": ["torch"],
    "your-own-optimizer": ["pandas"],
    "which-optimizer": ["pandas", "xarray"],
}
# How many outputs of each notebook hold a picture, and how many of them move.
PICTURES = {"which-optimizer": (4, 1), "your-own-optimizer": (3, 1), "inside-your-pytorch-loop": (0, 0)}


def test_there_are_three():
    assert set(NOTEBOOKS) == set(NEEDS) == set(PICTURES)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_short_and_stored_without_outputs(name):
    cells = json.loads(NOTEBOOKS[name].read_text("utf-8"))["cells"]
    assert 8 <= len(cells) <= 18 and cells[0]["cell_type"] == "markdown"
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells if "outputs" in cell)


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_shows_its_results(name, tmp_path, monkeypatch):
    client = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    for package in ("ipykernel", *NEEDS[name]):
        pytest.importorskip(package)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOKS[name], as_version=4)
    nbformat.validate(notebook)
    client.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert {output["output_type"] for output in outputs} <= {"execute_result", "stream"}
    assert all(output.get("name") == "stdout" for output in outputs if output["output_type"] == "stream")
    shown = [output["data"] for output in outputs if "data" in output]
    pictures = [data for data in shown if "image/png" in data]
    moving = [data for data in pictures if "data:image/gif;base64," in data["text/html"]]
    assert (len(pictures), len(moving)) == PICTURES[name]
    assert all("text/plain" in data and "image/gif" not in data for data in shown)
    assert all("<img " in data["text/html"] and "<" not in data["text/plain"] for data in pictures)
    assert sum("<iframe " in data.get("text/html", "") for data in shown) == (name == "which-optimizer")
    assert len(nbformat.writes(notebook).encode()) < MOST


def result(**data):
    """An output, with its forms by the name that follows the slash: ``html=`` is ``text/html``."""
    kinds = {"png": "image/png"}
    return {"output_type": "execute_result", "data": {kinds.get(name, f"text/{name}"): it for name, it in data.items()}}


def test_a_page_shows_what_a_notebook_gives():
    picture = f'<p>Two lead</p><img src="data:image/gif;base64,{b64encode(b"GIF").decode()}" alt="Two lead">'
    frame = (
        '<iframe sandbox="allow-scripts" title="Two" width="100%" height="720" style="border: 0" srcdoc="&lt;p&gt;">'
    )
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["0.9\n"]},
        result(plain="Two_lead", html=picture, png="QUJD"),
        result(plain="<page of two>", html=f"{frame}</iframe>"),
        result(plain="a 1", html='<style>x</style><table border="1" class="dataframe"><td>1</td></table>'),
        result(plain="7.0"),
    ]
    words = [{"cell_type": "markdown", "source": ["# Two\n", "\n", "Some words."]}]
    cells = [*words, {"cell_type": "code", "source": ["race"], "outputs": outputs}]
    pages = dict(pages_of_notebooks.pages({"which-optimizer": cells}))
    page = pages["notebooks/which-optimizer.md"]
    assert page.startswith("# Two\n") and "{download}`which-optimizer.ipynb" in page and "pip install" not in page
    assert "```text\n0.9\n```" in page and "```text\n7.0\n```" in page
    assert "![Two\\_lead](which-optimizer-2.gif)" in page and pages["notebooks/which-optimizer-2.gif"] == b"GIF"
    assert 'src="../../notebooks/which-optimizer-2.html" sandbox="allow-scripts"' in page and "srcdoc" not in page
    assert pages["frames/notebooks/which-optimizer-2.html"] == b"<p>"
    assert (
        '<table class="table dataframe"><td>1</td></table>' in page and "base64" not in page and "<style>" not in page
    )


def test_a_page_of_what_was_not_run_says_how_to_run_it(tmp_path, monkeypatch):
    monkeypatch.setattr(pages_of_notebooks, "find_spec", lambda name: None if name == "nbclient" else name)
    assert pages_of_notebooks.run(tmp_path) == {}
    pages = dict(pages_of_notebooks.pages({}))
    assert all(
        f"```sh\n{pages_of_notebooks.INSTALL}\nmake docs\n```" in pages[f"notebooks/{name}.md"] for name in NOTEBOOKS
    )


def test_a_notebook_is_run_once_for_a_text_and_a_code(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(pages_of_notebooks, "find_spec", lambda name: name)
    monkeypatch.setattr(pages_of_notebooks, "_ran", lambda text: ran.append(text) or text)
    assert {*pages_of_notebooks.run(tmp_path)} == {*NOTEBOOKS} and len(ran) == 3
    pages_of_notebooks.run(tmp_path)
    assert len(ran) == 3
    (tmp_path / "which-optimizer.ipynb").unlink()
    pages_of_notebooks.run(tmp_path)
    assert len(ran) == 4


def test_what_a_notebook_needs_is_read_from_it():
    found = {
        name: pages_of_notebooks.needs(json.loads(path.read_text("utf-8"))["cells"]) for name, path in NOTEBOOKS.items()
    }
    assert {name: sorted(packages - {"optviz"}) for name, packages in found.items()} == {
        name: sorted(packages) for name, packages in NEEDS.items()
    }
