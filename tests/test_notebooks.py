"""The notebooks of docs/notebooks: stored without outputs, and run from top to bottom they show what they say."""

import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
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
