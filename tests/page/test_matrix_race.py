"""A race on a function of a matrix as a page: its reader's browser knows two of the numbers, and computes nothing."""

from optviz import race
from optviz.page.race import RacePage


def test_a_page_of_a_matrix_keeps_its_paths():
    page = RacePage(race("matrix_regression", ["adam", "muon"], lr=0.05, steps=20, resolution=40)).to_html()
    assert "const FUNCTION=null" in page and "const RULES=[]" in page
    assert "stored paths and a stored map, of two of the 4 numbers of Matrix regression" in page
