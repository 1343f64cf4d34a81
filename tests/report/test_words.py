"""What the page says in sentences: title, finding, and what each picture shows."""

import pytest

from optviz.report import Report
from optviz.results.comparison_tables import tables
from tests.figures import gaps
from tests.report.pages import embedded, full, read
from tests.seeds import compared, rising


@pytest.mark.parametrize(
    ("some", "title", "sentence"),
    [
        (compared({}, epochs=3), "No optimizers on MNIST", "No epoch has ended."),
        (compared({"adam": [[]]}, epochs=3, interrupted=True), "Adam on MNIST", "No epoch has ended."),
        (compared({"adam": [[0.9]]}), "Adam on MNIST", "After 1 epoch Adam recognises 90.00 % of the test images."),
        (
            compared({"adam": [[0.9, 0.95]], "sgd": [[0.8, 0.9]]}),
            "Adam and SGD on MNIST",
            "After 2 epochs Adam recognises the most test images, 95.00 %, and SGD the fewest, 90.00 %; with one seed, "
            "small differences may be chance.",
        ),
        (
            compared({"adam": rising(0.98, 3), "sgd": rising(0.9, 3), "rmsprop": rising(0.98, 3)}),
            "Three optimizers on MNIST",
            "After 10 epochs Adam leads over 3 seeds with 97.90 ± 0.25 % of the test images, but RMSprop cannot be "
            "told from it; SGD is last with 89.90 ± 0.25 %.",
        ),
        (
            compared({"adam": rising(0.98, 2), "sgd": rising(0.9, 2)}),
            "Adam and SGD on MNIST",
            "After 10 epochs Adam leads over 2 seeds with 97.95 ± 0.64 % of the test images and can be told from all "
            "others; SGD is last with 89.95 ± 0.64 %.",
        ),
        (
            compared({name: [[0.9], [0.8]] for name in ("adam", "sgd", "rmsprop", "adagrad")}),
            "Four optimizers on MNIST",
            "After 1 epoch Adam leads over 2 seeds with 85.00 ± 63.53 % of the test images, but none of the others can "
            "be told from it.",
        ),
        (
            compared({"adam": rising(0.98, 2), "sgd": [[], []]}, diverged_at={("sgd", 0): 1, ("sgd", 1): 1}),
            "Adam and SGD on MNIST",
            "After 10 epochs Adam recognises 97.95 ± 0.64 % of the test images; SGD diverged.",
        ),
        (
            compared({"adam": [[]], "sgd": [[]]}, epochs=3, diverged_at={("sgd", 0): 1, ("adam", 0): 1}),
            "Adam and SGD on MNIST",
            "Adam and SGD diverged.",
        ),
        (
            compared({"adam": [[0.9], [0.9]], "sgd": [[0.8], []]}, diverged_at={("sgd", 1): 1}),
            "Adam and SGD on MNIST",
            "After 1 epoch Adam leads over 2 seeds with 90.00 ± 0.00 % of the test images, but SGD cannot be told "
            "from it.",
        ),
        (
            compared({"adam": [[0.9, 0.9]] * 2, "sgd": [[0.8, 0.8]] * 2, "adagrad": [[0.7], []]}, interrupted=True),
            "Three optimizers on MNIST",
            "After 2 epochs Adam leads over 2 seeds with 90.00 ± 0.00 % of the test images; SGD is last with 80.00 ± "
            "0.00 %.",
        ),
        (
            compared({"adam": [[0.9]], "sgd": [[]]}, epochs=2, interrupted=True),
            "Adam and SGD on MNIST",
            "No run got through all 2 epochs.",
        ),
        (
            compared({"adam": [[0.9, 0.9], [0.9]], "sgd": [[0.8, 0.8], []]}, interrupted=True),
            "Adam and SGD on MNIST",
            "After 2 epochs Adam recognises the most test images, 90.00 %, and SGD the fewest, 80.00 %; too few runs "
            "ended to tell them apart.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "optimizers" in value else "",
)
def test_the_finding(undrawn, some, title, sentence):
    document = read(Report(some).to_html())
    assert document.all("h1")[0].text == title
    assert document.all("header")[0].all("p")[0].text.replace("\xa0", " ") == sentence
    assert embedded(document)["epochs"] == some.epochs


def test_alternative_texts_tell_the_numbers(undrawn):
    some = full()
    document = read(Report(some, theme="light").to_html())
    (main, *_) = tables(some)
    told = {
        one.attributes["id"]: {image.attributes["alt"] for image in one.all("img")} for one in document.all("section")
    }
    training, plane, rates, targets, confusion, mistakes = (
        "".join(told[name]) for name in ("training", "plane", "rates", "targets", "confusion", "mistakes")
    )
    for row in main.rows:
        assert f"{row[1]} {row[5]} %" in training
        assert f"{row[1]} {row[8]}" in targets
    assert f"{100 * some.plane.held:.0f} %" in plane
    assert f"{some.tuning.searches[0].best:.4g}" in rates
    wrong = sum(int((run.predictions != some.labels).sum()) for run in some.runs if run.optimizer == "adam")
    assert f"Adam: {wrong} of 400 wrong, most often" in confusion
    assert f"Adam gets {some.mistakes[0].count} of 200 images wrong" in mistakes


def test_the_gap_has_its_words(undrawn):
    some = gaps.compared({"adam": [[0.9, 0.5, 0.4]], "sgd": [[0.9, 0.6, 0.5]]})
    document = read(Report(some, theme="light").to_html())
    (alternative, *_) = (image.attributes["alt"] for image in document.all("img"))
    assert alternative.startswith("Lines of test accuracy and distance of the training loss from the optimum.")
    rule = some.optimum.rule()
    assert f"{rule[0].upper()}{rule[1:]}." in [one.text.replace("\xa0", " ") for one in document.all("p")]
