"""The picture of confusion matrices: the counts of the runs, colours on one scale, the diagonal out of the way."""

from dataclasses import replace

import numpy as np
import pytest

from optviz.figures.confusion import confusion_figure
from optviz.figures.engine import theme as themes
from tests.figures.comparisons import SEVEN, comparison
from tests.pictures import SIZES, assert_readable, boxes, image, words


def counted(one, optimizer):
    classes = 1 + int(one.labels.max())
    counts = np.zeros((classes, classes), int)
    for run in one.runs:
        if run.optimizer == optimizer:
            np.add.at(counts, (one.labels, run.predictions), 1)
    return counts


def middle(word):
    return (word.left + word.right) / 2, (word.top + word.bottom) / 2


def cells(page, classes):
    """Where the cells of the left matrix have their middles, from the labels of its rows and columns."""
    labels = {str(label) for label in range(classes)}
    at = [(*middle(word), word.text) for word in boxes(page) if word.text in labels]
    left = min(x for x, _, _ in at)
    rows = {int(text): y for x, y, text in at if x < left + 6}
    foot = max(y for _, y, _ in at)
    columns = {}
    for x, y, text in sorted(at):
        if y > foot - 3:
            columns.setdefault(int(text), x)
    return rows, columns


def test_the_counts_stand_in_their_cells_summed_over_seeds():
    one = comparison(["adam"], seeds=3)
    page = confusion_figure(one)
    counts = counted(one, "adam")
    rows, columns = cells(page, 10)
    found = {}
    for word in boxes(page):
        x, y = middle(word)
        for row, column in np.ndindex(counts.shape):
            if abs(x - columns[column]) < 4 and abs(y - rows[row]) < 4:
                found[row, column] = int(word.text)
    assert found == {tuple(cell): counts[tuple(cell)] for cell in np.argwhere(counts).tolist()}
    assert "counts: sums over 3 seeds" in " ".join(words(page))


def test_the_best_and_the_worst_stand_side_by_side_with_how_many_they_get_wrong():
    one = comparison(SEVEN, seeds=2)
    said = words(confusion_figure(one))
    for place, name, title in (("best", "adam", "Adam"), ("worst", "adadelta", "Adadelta")):
        counts = counted(one, name)
        wrong = counts.sum() - np.trace(counts)
        assert title in said and f"{place}: {wrong:,} of 2,000 wrong" in said and f"{1 - wrong / 2000:.2%}" in said
    assert "RMSprop" not in said


def test_colours_are_shares_of_rows_on_one_scale_and_the_diagonal_has_none():
    """Ten and a hundred of a thousand: the rarer error as dark in the matrix of the one as in that of the other."""
    one = comparison(["adam", "sgd"], tested=20)
    labels = np.repeat([0, 1], 1000).astype(np.uint8)
    better, worse = labels.copy(), labels.copy()
    better[:10], worse[:100], worse[1000:1010] = 1, 1, 0
    runs = tuple(replace(run, predictions=p) for run, p in zip(one.runs, (better, worse), strict=True))
    page = confusion_figure(replace(one, labels=labels, runs=runs), theme="light")
    pixels = image(page)
    rows, columns = cells(page, 2)
    start = {word.text: word.left for word in boxes(page)}
    across = start["SGD"] - start["Adam"]

    def colour(row, column, second):
        return tuple(pixels[round(rows[row]) + 20, round(columns[column] + second * across) + 30])

    assert colour(0, 1, 1) == themes.rgb(themes.LIGHT.bad)
    assert colour(0, 1, 0) == colour(1, 0, 1) != colour(0, 1, 1)
    assert colour(1, 0, 0) == themes.rgb(themes.LIGHT.panel)
    assert {colour(k, k, s) for k in (0, 1) for s in (0, 1)} == {themes.rgb(themes.LIGHT.grid)}


def test_the_most_frequent_confusions_are_listed():
    one = comparison(["adam"], seeds=3)
    counts = counted(one, "adam")
    np.fill_diagonal(counts, 0)
    true, taken = np.unravel_index(counts.argmax(), counts.shape)
    line = f"{true} → {taken}  {counts.max()}×"
    assert line in words(confusion_figure(one, (1000, 600)))
    assert any(text.startswith(f"most often {line} · ") for text in words(confusion_figure(one, (480, 600))))


@pytest.mark.thin(4)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("classes", [2, 3, 26, 47, 256])
def test_any_number_of_classes_is_drawn_without_illegible_text(classes, size):
    assert_readable(confusion_figure(comparison(["adam", "adadelta"], classes=classes, tested=2000), size))


def test_seeds_that_diverged_are_left_out_and_so_is_an_optimizer_with_no_other():
    one = comparison(SEVEN, seeds=2, adadelta={"diverged_at": 4})
    said = words(confusion_figure(one))
    assert "Adagrad" in said and "Adadelta" not in said and "left out, diverged: Adadelta" in " ".join(said)


def test_no_errors_at_all_is_a_result():
    one = comparison(["adam"])
    perfect = replace(one, runs=(replace(one.runs[0], predictions=one.labels),))
    page = confusion_figure(perfect)
    assert_readable(page)
    assert "0 of 1,000 wrong" in words(page) and "100.00%" in words(page)
