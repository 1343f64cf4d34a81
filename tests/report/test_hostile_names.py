"""Names are anybody's: whatever they hold, they stay text."""

import json
import re
from dataclasses import replace

import pytest

from optviz.report import Report
from tests.report.pages import embedded, full, read
from tests.seeds import compared, published

HOSTILE = [
    '</script><script>alert("1")</script>',
    '"onload="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "<!--",
    "1 ± <i>2</i>",
    "]]></style><svg/onload=alert(1)>",
    "javascript:alert(1)&lt;script&gt;",
]


def hostile(text):
    """A comparison with that text wherever there can be one."""
    some = full()
    runs = tuple(
        replace(run, optimizer=f"{run.optimizer}{text}", title=text + run.title, variant=text, defaults=text)
        for run in some.runs
    )
    runs = tuple(replace(run, hyperparameters=run.hyperparameters | {text: 1.0}) for run in runs)
    searches = tuple(
        replace(one, optimizer=f"{one.optimizer}{text}", title=text + one.title) for one in some.tuning.searches
    )
    named = [run.optimizer for run in runs[:2]]
    return replace(
        some,
        network=text,
        dataset=text,
        architecture=text,
        command=text,
        runs=runs,
        rates={named[0]: text, named[1]: "given"},
        tuning=replace(some.tuning, searches=searches),
        published=published({name: (0.9, 0.95) for name in named} | {text: (0.1, 0.1)}, (1, 5)),
        mistakes=tuple(
            replace(one, optimizer=f"{one.optimizer}{text}", title=text + one.title) for one in some.mistakes
        ),
        plane=replace(
            some.plane,
            paths=tuple(
                replace(one, optimizer=f"{one.optimizer}{text}", title=text + one.title) for one in some.plane.paths
            ),
        ),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(undrawn, text):
    harmless = read(Report(hostile(re.sub("[<>&'\"]", "", text))).to_html())
    document = read(Report(hostile(text)).to_html())

    def shape(page):
        return [(one.tag, sorted(one.attributes)) for one in page.all("*")]

    assert shape(document) == shape(harmless)
    assert document.all("pre")[0].text == text
    assert text in document.all("h1")[0].text
    assert embedded(document) == json.loads(json.dumps(hostile(text).to_dict()))


@pytest.mark.parametrize("text", ["\x00\x1b[31m", "\ud800", "\u202egnirts", "\u2028", "亚当🙂", "a" * 5000, " ", ""])
def test_strange_names_do_not_break_the_page(undrawn, text):
    page = Report(compared({"adam": [[0.9]], "sgd": [[0.8]]}, titles={"adam": text, "sgd": "SGD"})).to_html()
    page.encode()
    document = read(page)
    assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e]", document.text)
    assert embedded(document)["runs"][0]["title"] == text.replace("\ud800", "\ufffd")
