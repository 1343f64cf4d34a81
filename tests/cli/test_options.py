"""Which command has which options, and that no option is given twice in silence."""

import inspect

import pytest

from optviz.cli._app import COMMANDS
from optviz.optimizers import REGISTRY as OPTIMIZERS
from tests.cli.test_bad_input import refused

LOOK = "theme size"
TALK = "quiet no_progress verbose"
RESULT = f"output json {TALK}"
MANY = f"steps noise defaults seed jobs device {LOOK} {RESULT}"
RACE = f"function optimizers start steps noise lr defaults seed device {LOOK} {RESULT}"

# Whatever means the same in two commands has one name and is in all that can have it. What is left out:
# animate and plot run seven short races, which need no jobs; a sweep gives the learning rate on its axes; a race draws
# its own starts; draw and gallery run nothing of their own.
TABLE = {
    "animate": f"{RACE} fps frames",
    "plot": RACE,
    "basins": f"function optimizers bounds resolution tolerance lr picture {MANY}",
    "sweep": f"function optimizer x y given start resolution tolerance {MANY}",
    "swarm": f"function optimizers starts bounds tolerance lr fps frames {MANY}",
    "race": f"functions optimizers starts targets lr picture {MANY}",
    "mnist": "context optimizers network hidden activation dropout dataset epochs batch_size seeds lr tune "
    f"tuning_epochs defaults target jobs engine device resume picture no_seconds fps {LOOK} {RESULT}",
    "draw": f"saved picture fps {LOOK} {RESULT}",
    "gallery": f"folder only jobs theme {TALK}",
    "list": "kind json quiet",
    "show": "name kind json",
    "doctor": "json",
    "help": "topic",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_options_of_the_table(command):
    assert set(inspect.signature(COMMANDS[command][0]).parameters) == set(TABLE[command].split())


@pytest.mark.parametrize("command", ["animate", "plot", "basins", "swarm", "race", "mnist"])
def test_all_are_all_optimizers(inside, undrawn, command):
    line = [command] if command in ("race", "mnist") else [command, "saddle"]
    assert inside(*line, "--optimizers", "all", "-o", "a.png").code == 0
    assert undrawn["animate" if command == "plot" else command][1]["optimizers"] == OPTIMIZERS.names()


@pytest.mark.parametrize("command", ["animate", "plot"])
def test_noise_reaches_the_race(inside, undrawn, command):
    assert inside(command, "saddle", "--noise", "gaussian:0.1").code == 0
    assert undrawn["animate"][1]["noise"] == "gaussian:0.1"
    refused(inside(command, "saddle", "--noise", "gausian"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("animate saddle --seed 1 --seed 2", "--seed is given twice. Give it once."),
        ("basins saddle --noise gaussian:1 --noise gaussian:2", "--noise is given twice"),
        ("mnist -j 1 --jobs 2", "--jobs is given twice"),
        ("draw a.npz --theme dark --theme light", "--theme is given twice"),
        ("show adam --kind noise --kind optimizers", "--kind is given twice"),
        ("animate saddle --lr adam=0.1 --lr adam=0.01", "--lr names 'adam' twice. Name it once."),
        ("animate saddle --lr 0.1 --lr 0.01", "--lr gives a learning rate for all twice"),
        ("sweep saddle --set nesterov=1 --set nesterov=0", "--set names nesterov twice"),
        ("animate saddle --optimizers sgd --optimizers sgd", "--optimizers names 'sgd' twice"),
        ("basins saddle --picture values --picture values", "--picture names 'values' twice"),
        ("gallery --only basins --only basins", "--only names 'basins' twice"),
        ("animate saddle -o a.svg -o ./a.svg", "-o: a.svg is named twice. Give every file a name of its own."),
        ("animate saddle -o a.gif -o a.png", "-o: a.png is written beside a.gif."),
        ("animate saddle -o a.png -o a.gif", "-o: a.png is written beside a.gif."),
        ("plot saddle -o a.png -o a-convergence.png", "-o: a-convergence.png is named twice"),
        ("mnist -o a.gif -o a.png", "-o: a.png is written beside a.gif."),
        ("animate saddle -o a.png --fps 10", "--fps stands without a moving picture to write"),
    ],
)
def test_what_is_given_twice_is_refused(inside, here, undrawn, line, said):
    done = inside(*line.split())
    refused(done)
    assert said in done.err
    assert not undrawn and not list(here.iterdir())


def test_flags_and_what_may_be_repeated_are_not(inside, undrawn):
    line = "animate saddle -q -q -v -v -o a.svg -o b.svg --lr 0.1 --lr adam=1 --optimizers sgd --optimizers adam"
    assert inside(*line.split()).code == 0


@pytest.mark.parametrize(("command", "frames"), [("animate", ["--frames", "5"]), ("swarm", []), ("mnist", [])])
def test_frames_a_second(inside, asked, here, command, frames):
    from PIL import Image

    from tests.cli.batch_results import ALL

    line = ALL.get(command, [command, *(["saddle"] if command == "animate" else [])])
    assert inside(*line, "-o", "a.gif", "--fps", "10", *frames).code == 0
    with Image.open(here / "a.gif") as animation:
        animation.seek(1)
        assert animation.info["duration"] >= 100 and animation.info["duration"] % 100 == 0
        assert not frames or animation.n_frames <= 5


def test_a_saved_result_is_printed_as_a_document(inside, here):
    import json

    from optviz import results
    from tests.cli.batch_results import RESULTS

    results.save("a.npz", RESULTS["animate"])
    done = inside("draw", "a.npz", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == json.loads(json.dumps(RESULTS["animate"].to_dict()))


def choices():
    """Every option whose values are words to choose from, with these."""
    for command, (function, *_) in COMMANDS.items():
        for name, parameter in inspect.signature(function).parameters.items():
            for info in getattr(parameter.annotation, "__metadata__", ()):
                words = [word for word in (info.metavar or "").split("|") if word.isalpha() and word.islower()]
                if words or name in ("picture", "engine"):
                    yield pytest.param(info, words, id=f"{command} {name}")


@pytest.mark.parametrize(("option", "words"), list(choices()))
def test_completion_offers_what_there_is_to_choose(option, words):
    offered = option.autocompletion("")
    assert offered and set(words) <= set(offered)
    assert option.autocompletion(offered[0][:2]) and not option.autocompletion("zzz")


def test_completed_pictures_are_those_that_are_drawn():
    from optviz import drawing
    from optviz.cli import _names
    from optviz.networks import ACTIVATIONS
    from optviz.runs.networks.engines import NAMES
    from tests.cli.batch_results import RESULTS

    assert {name: tuple(drawing.PICTURES[type(one)]) for name, one in RESULTS.items()} == _names.PICTURES
    offered = {option.id: option.values[0].autocompletion("") for option in choices()}
    assert offered["mnist activation"] == list(ACTIVATIONS)
    assert {name.strip("=") for name in offered["mnist engine"]} == set(NAMES)
