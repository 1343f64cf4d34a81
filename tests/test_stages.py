"""What is left out of the fast stage is in the second one."""

from pathlib import Path

import pytest

from tests.conftest import pytest_collection_modifyitems


class Item:
    """A case of a test as pytest collects it."""

    path = Path(__file__)

    def __init__(self, name, *marks):
        self.originalname, self.marks = name, {mark.name: mark for mark in marks}
        self.get_closest_marker = self.marks.get

    def add_marker(self, mark):
        self.marks[mark.name] = mark


def test_every_third_case_of_a_thin_test_is_fast():
    thin = pytest.mark.thin(3).mark
    items = [Item(name, *marks) for _ in range(7) for name, marks in (("one", [thin]), ("two", [thin]), ("three", []))]
    pytest_collection_modifyitems(items)
    fast = [(item.originalname, at // 3) for at, item in enumerate(items) if "slow" not in item.marks]
    for name, cases in (("one", [0, 3, 6]), ("two", [0, 3, 6]), ("three", [*range(7)])):
        assert [at for test, at in fast if test == name] == cases
