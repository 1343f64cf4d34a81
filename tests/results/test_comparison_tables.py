"""A comparison's tables: every cell and every sentence against the numbers they are about."""

import math

import pytest

from optviz.results.comparison import without_seconds
from optviz.results.comparison_tables import signed, tables
from optviz.results.table import listed
from tests.seeds import PLANE, TUNING, compared, published, rising

MINUS = "−"


def columns(table):
    """For each heading its column of cells."""
    return dict(zip((" ".join(head) for head in table.heads), zip(*table.rows, strict=True), strict=True))


def notes(table):
    return "\n".join(table.notes)


def test_five_seeds():
    (table,) = tables(compared({"adam": rising(0.98, 5), "sgd": rising(0.90, 5, spread=0.002)}))
    assert table.title == "mnist, mlp 784-128-10, batch 64"
    cells = columns(table)
    assert list(cells) == [
        "rank", "optimizer", "seeds", "lr", "epoch 1 accuracy %", "epoch 5 accuracy %", "epoch 10 accuracy %",
        "lowest to highest", "final train loss", "training seconds",
    ]  # fmt: skip
    assert cells["rank"] == ("1", "2") and cells["optimizer"] == ("Adam", "SGD") and cells["seeds"] == ("5", "5")
    half = 2.7764451052 * math.sqrt(2.5) * 0.001 / math.sqrt(5)
    assert cells["epoch 10 accuracy %"] == (f"97.80 ± {100 * half:.2f}", f"89.60 ± {200 * half:.2f}")
    assert cells["epoch 5 accuracy %"][0].startswith("92.80 ± ")
    assert cells["lowest to highest"] == ("97.60–98.00", "89.20–90.00")
    assert cells["final train loss"] == ("0.0220", "0.1040") and cells["training seconds"] == ("5.00", "5.00")
    assert [index for index, _ in enumerate(table.heads) if index in table.left] == [1]
    assert table.leading == {0}
    assert table.notes[0] == "Both can be told apart over 5 seeds."
    assert table.notes[1].endswith("seed by seed at 95 %.") and "correction" not in notes(table)


def test_the_best_come_first_and_share_their_places():
    (table,) = tables(compared({"sgd": rising(0.9, 3), "adam": rising(0.98, 3), "rmsprop": rising(0.98, 3)}))
    cells = columns(table)
    assert cells["optimizer"] == ("Adam", "RMSprop", "SGD") and cells["rank"] == ("1–2", "1–2", "3")
    assert table.leading == {0, 1}
    assert table.notes[0] == "Cannot be told apart over 3 seeds: Adam and RMSprop."
    assert "with Holm's correction for the 3 pairs" in notes(table)


def test_none_can_be_told_apart():
    seeds = [[0.9], [0.8]]
    (two,) = tables(compared({"adam": seeds, "sgd": seeds}))
    assert two.notes[0] == "Cannot be told apart over 2 seeds: Adam and SGD." and not two.leading
    (three,) = tables(compared({"adam": seeds, "sgd": seeds, "adagrad": seeds}))
    assert three.notes[0] == "None of the 3 can be told from any other over 2 seeds."


def test_one_seed_has_no_ranks():
    (table,) = tables(compared({"adam": rising(0.98, 1), "sgd": rising(0.9, 1)}))
    cells = columns(table)
    assert not {"rank", "seeds", "lowest to highest"} & set(cells)
    assert cells["epoch 10 accuracy %"] == ("98.00", "90.00")
    assert table.notes == ("One seed: differences may be chance; --seeds 5 tells.",) and not table.leading


def test_one_optimizer_is_compared_with_none():
    (table,) = tables(compared({"adam": rising(0.98, 3)}))
    assert "rank" not in columns(table) and len(table.notes) == 1 and table.notes[0].startswith("± is half")
    assert tables(compared({"adam": rising(0.98, 1)}))[0].notes == ()


@pytest.mark.parametrize(("epochs", "shown"), [(1, [1]), (3, [1, 3]), (5, [1, 5]), (20, [1, 5, 20])])
def test_milestones(epochs, shown):
    (table,) = tables(compared({"adam": rising(0.98, 1, epochs)}))
    assert [name for name in columns(table) if "accuracy" in name] == [f"epoch {epoch} accuracy %" for epoch in shown]


def test_diverged_runs_are_named():
    comparison = compared(
        {"adam": rising(0.98, 3), "sgd": [rising(0.9, 1)[0], [0.5], []], "adagrad": [[], [0.3], [0.3]]},
        diverged_at={("sgd", 1): 2, ("sgd", 2): 1, ("adagrad", 0): 1, ("adagrad", 1): 2, ("adagrad", 2): 2},
    )
    (table,) = tables(comparison)
    cells = columns(table)
    assert cells["optimizer"] == ("Adam", "SGD", "Adagrad") and cells["seeds"] == ("3", "1 of 3", "2 of 3")
    assert cells["epoch 10 accuracy %"][1:] == ("90.00", "diverged")
    assert cells["epoch 1 accuracy %"][2] == "30.00 ± 0.00" and cells["lowest to highest"][2] == "–"
    assert "SGD diverged in 2 of 3 seeds, first in epoch 1." in table.notes
    assert "Adagrad diverged in 3 of 3 seeds, first in epoch 1." in table.notes
    assert "a diverged run counts as accuracy 0" in notes(table)


def test_all_diverged_before_an_epoch_ended():
    (table,) = tables(compared({"sgd": [[]], "adam": [[0.9]]}, 1, {("sgd", 0): 1}))
    assert table.rows[1] == ("SGD", "0.001", "diverged", "–", "–")
    assert "SGD diverged in epoch 1." in table.notes and "0 in" not in notes(table)


def test_interrupted_runs():
    comparison = compared({"adam": [rising(0.98, 1)[0], [0.8]], "sgd": [[0.5], []]}, 10, interrupted=True)
    (table,) = tables(comparison)
    cells = columns(table)
    assert cells["seeds"] == ("1 of 2", "1 of 2") and cells["epoch 10 accuracy %"] == ("98.00", "–")
    assert cells["rank"] == ("1–2", "1–2")
    assert "Too few runs ended to tell any two optimizers apart." in table.notes
    assert any(note.startswith("Interrupted: ") for note in table.notes)


def test_no_run_at_all():
    (table,) = tables(compared({}, published=published({"sgd": (0.1, 0.2, 0.3)}), target=0.9, interrupted=True))
    assert table.rows == () and len(table.notes) == 1


def test_target():
    comparison = compared(
        {
            "adam": [[0.5, 0.97, 0.98]] * 3,
            "rmsprop": [[0.97, 0.97, 0.97], [0.9, 0.9, 0.97], [0.1, 0.1, 0.1]],
            "sgd": [[0.1, 0.1, 0.97], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]],
            "adagrad": [[0.1, 0.2, 0.3]] * 3,
        },
        target=0.97,
    )
    (table,) = tables(comparison)
    cells = columns(table)
    assert "lowest to highest" not in cells
    found = {row: (cells["epochs to 97 %"][index], cells["seconds to 97 %"][index])
             for index, row in enumerate(cells["optimizer"])}  # fmt: skip
    assert found == {
        "Adam": ("2", "1.00"),
        "RMSprop": ("3 (2 of 3)", "1.50"),
        "SGD": ("1 of 3 seeds", "–"),
        "Adagrad": ("not reached", "–"),
    }
    assert "medians over all seeds" in notes(table)
    (table,) = tables(compared({"adam": [[0.5, 0.975]]}, target=0.975))
    assert columns(table)["epochs to 97.5 %"] == ("2",) and table.notes == ()


def test_published_table_stands_beside():
    comparison = compared(
        {"sgd": rising(0.95, 2), "adam": rising(0.98, 2, spread=0.0), "rmsprop": rising(0.985, 2, spread=0.0)},
        published=published(
            {"adam": (0.89, 0.9304, 0.988), "rmsprop": (0.9, 0.95, 0.984), "sgd": (0.8, 0.9, 0.91), "lion": (0.1,) * 3}
        ),
    )
    _, table = tables(comparison)
    assert [row[0] for row in table.rows] == ["Adam", "RMSprop", "SGD"]
    adam, _, sgd = table.rows
    assert adam[1:] == (
        "89.00",
        "89.00",
        "0.00",
        "93.00",
        "93.04",
        f"{MINUS}0.04",
        "98.00",
        "98.80",
        f"{MINUS}0.80",
        "",
    )
    assert sgd[-4:] == ("94.95", "91.00", "+3.95", "differs")
    assert table.notes[0].startswith("differs: after epoch 10 by more than 1 point")
    order = "The published order after epoch 10, Adam > RMSprop > SGD, is not the order here: RMSprop before Adam."
    assert table.notes[1:] == (
        order,
        "Published, but not run here: lion.",
        "Published: Somebody 2019, some book, table 4.",
    )


def test_published_order():
    table = published({"adam": (0.98,), "sgd": (0.9,)}, epochs=(1,))
    _, same = tables(compared({"adam": [[0.985]], "sgd": [[0.904]]}, published=table))
    assert same.notes[0] == "The published order after epoch 1, Adam > SGD, is reproduced."
    _, chance = tables(compared({"adam": [[0.90]], "sgd": [[0.91]]}, published=table))
    assert "is not the order here: SGD before Adam (cannot be told apart)." in notes(chance)
    _, alone = tables(compared({"adam": [[0.985]]}, published=table))
    assert "order" not in notes(alone)


def test_diverged_beside_a_published_table():
    table = published({"adam": (0.98,), "sgd": (0.9,)}, epochs=(1,))
    _, found = tables(compared({"adam": [[]], "sgd": [[0.9]]}, 1, {("adam", 0): 1}, published=table))
    assert found.rows[0] == ("Adam", "–", "98.00", "–", "diverged")
    assert "SGD before Adam" in notes(found)


def test_search_for_rates():
    _, table = tables(compared({"adam": rising(0.98, 1)}, tuning=TUNING))
    assert table.title == (
        "learning rates: the same search for each optimizer, 2 epochs and 2 seeds a trial, "
        "50,000 training images to learn from, 10,000 others to be judged by"
    )
    assert table.rows == (
        ("Adam", "0.001", "3", "97.00", "96.00–98.00", "lowest tried; a lower one may be better"),
        ("SGD", "0.1", "3", "96.00", "95.00–97.00", "highest tried; a higher one may be better"),
        ("Adagrad", "0.01", "3", "95.00", "94.00–96.00", ""),
        ("RMSprop", "0.01", "3", "–", "–", "every rate diverged"),
    )


def test_training_plane_in_one_line():
    (table,) = tables(compared({"adam": rising(0.98, 1)}, plane=PLANE))
    assert table.notes == (
        "Training plane of seed 4: it holds 87.3 % of the variance of the weights; distance from it at the end, "
        "as a share of the way from the start: Adam 31 %, SGD 12 %.",
    )


def test_another_device_is_named():
    accuracies = {"adam": rising(0.98, 2)}
    assert "device" not in notes(tables(compared(accuracies))[0])
    assert tables(compared(accuracies, device="cuda"))[0].notes[-1].startswith("Trained on the device cuda;")


def test_rows_of_one_optimizer_are_told_apart_by_their_rates():
    one, other = (compared({"adam": rising(last, 2)}, lr=lr) for last, lr in ((0.9, 0.1), (0.98, 0.01)))
    both = compared({})
    (table,) = tables(type(both)("mlp", "mnist", "", 64, 10, one.runs + other.runs))
    assert columns(table)["optimizer"] == ("Adam, lr 0.01", "Adam, lr 0.1")


def test_titles_stay_on_one_line():
    (table,) = tables(compared({"adam": [[0.9]]}, titles={"adam": "A\ndam\t|[b] "}))
    assert columns(table)["optimizer"] == ("A dam |[b]",)


@pytest.mark.parametrize(
    ("points", "text"),
    [(0.0, "0.00"), (-0.004, "0.00"), (0.006, "+0.01"), (-1.5, f"{MINUS}1.50"), (27.449, "+27.45")],
)
def test_signs(points, text):
    assert signed(points) == text


def test_lists_of_words():
    assert [listed(list("abc"[:count])) for count in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_unknown_seconds_have_no_column_and_no_word():
    timed = compared({"adam": rising(0.98, 2), "sgd": rising(0.9, 2)}, target=0.95, device="cuda")
    assert sum("seconds" in " ".join(head) for head in tables(timed)[0].heads) == 2
    for one in (without_seconds(timed), without_seconds(compared({"adam": rising(0.98, 1)}))):
        (table,) = tables(one)
        assert all(len(row) == len(table.heads) for row in table.rows)
        assert "second" not in repr(table) and "nan" not in repr(table)


def test_targets_say_how_often_they_are_looked_for():
    (table,) = tables(compared({"adam": rising(0.98, 1), "sgd": rising(0.9, 1)}, target=0.85))
    assert "The target is looked for after each epoch: what reaches it within the same epoch" in " ".join(table.notes)
