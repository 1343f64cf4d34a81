"""``explore``: one page with everything."""

import re

import pytest

import optviz
from optviz.errors import UsageError


def test_it_writes_one_page(inside):
    done = inside("explore", "-o", "all.html")
    assert (done.code, done.out) == (0, "all.html\n")
    with open("all.html", encoding="utf-8") as file:
        text = file.read()
    assert text.startswith("<!DOCTYPE html>")
    assert "optviz explorer" in text
    made = r'<meta name="optviz"[^>]*>'  # a command, and none
    assert re.sub(made, "", optviz.explore("again.html").read_text("utf-8")) == re.sub(made, "", text)


@pytest.mark.parametrize("name", ["all.gif", "all", "no/such/folder/all.html"])
def test_what_is_no_page_is_refused_before_any_work(inside, name):
    done = inside("explore", "-o", name)
    assert done.code == 2
    assert done.err.startswith("error: ")
    with pytest.raises(UsageError):
        optviz.explore(name)
