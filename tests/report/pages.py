"""Pages read strictly, and a comparison with everything that one can hold."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.figures import planes
from tests.figures.comparisons import comparison, misread, tuning
from tests.seeds import published

VOID = {"meta", "link", "br", "img"}


class Element:
    """An element of a page: tag, attributes, children and texts in their order."""

    def __init__(self, tag, attributes=()):
        self.tag, self.attributes, self.inside = tag, dict(attributes), []

    def all(self, tag):
        """Every element of that tag inside this one."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                found += [one] if one.tag == tag or tag == "*" else []
                found += one.all(tag)
        return found

    @property
    def text(self):
        return "".join(one.text if isinstance(one, Element) else one for one in self.inside)


class Parser(HTMLParser):
    """Reads a page strictly: everything opened is closed, in order."""

    def __init__(self):
        super().__init__()
        self.open = [Element("document")]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, attributes)
        assert len(attributes) == len(element.attributes), f"{tag} repeats an attribute"
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        assert tag == "path"
        self.open[-1].inside.append(Element(tag, attributes))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, text):
        self.open[-1].inside.append(text)

    def handle_comment(self, text):
        pytest.fail(f"a comment: {text}")


def read(page):
    """The page as a tree."""
    parser = Parser()
    parser.feed(page)
    parser.close()
    (document,) = parser.open
    names = [one.attributes["id"] for one in document.all("*") if "id" in one.attributes]
    assert len(names) == len(set(names)), "two elements have the same identifier"
    return document


def embedded(document):
    """The numbers of a page."""
    data, _ = document.all("script")
    assert data.attributes == {"type": "application/json", "id": "comparison"}
    return json.loads(data.text, parse_constant=pytest.fail)


def full(names=("sgd", "adam"), epochs=5, seeds=2, **fields):
    """A comparison with everything that one can hold."""
    some = comparison(names, epochs=epochs, seeds=seeds, tested=200, target=0.95, parameters=101_770, **fields)
    return replace(
        some,
        rates=dict.fromkeys(names, "tuned"),
        tuning=tuning(names, 2),
        published=published({name: (0.9, 0.95) for name in names}, (1, 5)),
        mistakes=tuple(misread(some, name) for name in names[::-1]),
        plane=replace(planes.comparison(names, epochs=epochs).plane, seed=0),
        command="optviz train --optimizers sgd,adam --seeds 2 -o report.html",
    )
