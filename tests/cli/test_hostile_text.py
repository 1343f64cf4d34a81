"""Whatever is typed, no message makes a terminal obey it."""

import pytest

from tests.results.test_words import EVIL, harmless


@pytest.mark.parametrize(
    "arguments",
    [
        ["animate", "sphere", "--optimizers", EVIL],
        ["animate", EVIL],
        ["animate", "sphere", "-o", f"{EVIL}.{EVIL}"],
        ["animate", "sphere", "-o", f"{EVIL}/a.gif"],
        ["animate", "sphere", f"--{EVIL}"],
        ["animate", "sphere", "--lr", EVIL],
        ["animate", "sphere", "--start", EVIL],
        ["animate", "sphere", "--theme", EVIL],
        ["basins", "sphere", "--noise", EVIL],
        ["sweep", "sphere", EVIL, "--x", EVIL],
        ["train", "--dataset", f"./{EVIL}"],
        ["train", "--engine", EVIL],
        ["train", "--device", EVIL],
        ["draw", EVIL],
        ["show", EVIL],
        ["list", EVIL],
        ["help", EVIL],
        ["gallery", "--only", EVIL],
        [EVIL],
    ],
    ids=lambda arguments: " ".join(arguments).encode("unicode_escape").decode()[:30],
)
def test_messages_of_the_command_line(inside, arguments):
    done = inside(*arguments)
    assert done.code in (1, 2, 3)
    assert harmless(done.err) and harmless(done.out)
