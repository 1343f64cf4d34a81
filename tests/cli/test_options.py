"""Which command has which options, what their help says, and that no option is given twice in silence."""

import inspect
from pathlib import Path

import pytest
from typer.models import OptionInfo

from optviz import cli
from optviz.cli._app import COMMANDS
from optviz.optimizers import SEVEN, members
from tests.cli.test_bad_input import refused

LOOK = "theme size"
TALK = "quiet no_progress verbose"
RESULT = f"output format json {TALK}"
MANY = f"steps noise defaults seed threads device {LOOK} {RESULT}"
OWN = "bounds set minimum instance"  # of a function of one's own, and of those that have instances
RACE = f"function {OWN} optimizers start steps by noise lr defaults seed device {LOOK} {RESULT}"

# Whatever means the same in two commands has one name and is in all that can have it. What is left out:
# animate and plot run seven short races, which need no threads; a sweep gives the learning rate on its axes; a study
# draws its own starts; draw and gallery run nothing of their own.
TABLE = {
    "animate": f"{RACE} fps frames highlight show view camera",
    "plot": f"{RACE} picture highlight show view camera",
    "explain": f"rule function {OWN} start first steps lr defaults seed fps {LOOK} {RESULT}",
    "basins": f"function {OWN} optimizers resolution tolerance lr picture {MANY}",
    "sweep": f"function {OWN} optimizer x y start resolution tolerance {MANY}",
    "swarm": f"function {OWN} optimizers starts tolerance lr fps frames {MANY}",
    "study": f"functions optimizers starts by targets lr picture highlight {MANY}",
    "train": "optimizers network hidden activation dropout dataset epochs batch_size seeds lr groups tune "
    f"tuning_epochs defaults target gap jobs engine device resume picture no_seconds fps highlight {LOOK} {RESULT}",
    "draw": f"saved picture fps highlight show view camera {LOOK} {RESULT}",
    "rerun": f"file output format {TALK}",
    "explore": "output format quiet verbose",
    "gallery": f"folder only jobs theme {TALK}",
    "list": "kind family search dimension json quiet",
    "show": "name kind source set json",
    "new": "what called quiet",
    "doctor": "json",
    "help": "topic",
}


def described(command):
    """What Typer is told of each option of a command."""
    parameters = inspect.signature(COMMANDS[command].function).parameters.items()
    told = {name: parameter.annotation.__metadata__[0] for name, parameter in parameters if name != "context"}
    return {name: info for name, info in told.items() if not getattr(info, "hidden", False)}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_options_of_the_table(command):
    assert described(command).keys() == set(TABLE[command].split())


# Options whose help differs between commands on purpose.
OWN_HELP = {"optimizers", "steps", "frames", "picture", "size", "output", "json", "quiet", "set"}


def test_options_of_one_name_have_one_help():
    helps = {}
    for command in COMMANDS:
        for name, told in described(command).items():
            helps.setdefault(name, set()).add(told.help)
    assert all(helps.values()) and all(all(texts) for texts in helps.values())
    # Of the gallery --kind is no option.
    assert {name for name, texts in helps.items() if len(texts) > 1} - {"kind"} == OWN_HELP


def test_the_help_of_every_option_is_written_once():
    source = " ".join(" ".join(path.read_text().split()) for path in sorted(Path(cli.__file__).parent.glob("*.py")))
    source = source.replace('" "', "")  # a text that goes on on the next line
    for command in COMMANDS:
        for name, told in described(command).items():
            beginning = told.help.partition(".")[0]
            if name not in ("output", "kind"):  # assembled of parts
                assert source.count(beginning) == 1 or name in OWN_HELP, (command, name)


def test_options_stand_in_three_panels():
    for command in COMMANDS:
        options = {name: told for name, told in described(command).items() if isinstance(told, OptionInfo)}
        panels = {told.rich_help_panel for name, told in options.items() if name != "kind"}
        assert panels <= {"What runs", "How it looks", "Where it goes", *["Options"] * (command in ("list", "show"))}
    assert described("train")["no_seconds"].rich_help_panel == "Where it goes"


def test_the_usual_optimizers_are_the_seven(inside, undrawn):
    assert inside("animate", "saddle").code == 0
    assert undrawn["animate"][1]["optimizers"] == list(SEVEN)


@pytest.mark.parametrize("command", ["animate", "plot", "basins", "swarm", "study", "train"])
def test_all_are_all_optimizers(inside, undrawn, command):
    line = [command] if command in ("study", "train") else [command, "saddle"]
    assert inside(*line, "--optimizers", "all", "-o", "a.png").code == 0
    assert undrawn["animate" if command == "plot" else command][1]["optimizers"] == members("@all")


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
        ("train -j 1 --jobs 2", "--jobs is given twice"),
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
        ("train -o a.gif -o a.png", "-o: a.png is written beside a.gif."),
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


@pytest.mark.parametrize(("command", "frames"), [("animate", ["--frames", "5"]), ("swarm", []), ("train", [])])
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
    document = json.loads(done.out)
    assert document.pop("made")["command"] == ["draw", "a.npz"]
    assert document == json.loads(json.dumps(RESULTS["animate"].to_dict()))


def choices():
    """Every option whose values are words to choose from, with these."""
    for command in COMMANDS:
        for name, told in described(command).items():
            words = [word for word in (told.metavar or "").split("|") if word.isalpha() and word.islower()]
            if words or name in ("picture", "engine"):
                yield pytest.param(told, words, id=f"{command} {name}")


@pytest.mark.parametrize(("option", "words"), list(choices()))
def test_completion_offers_what_there_is_to_choose(option, words):
    offered = option.autocompletion("")
    assert offered and set(words) <= set(offered)
    assert option.autocompletion(offered[0][:2]) and not option.autocompletion("zzz")


def test_completed_pictures_are_those_that_are_drawn():
    from optviz import drawing
    from optviz.cli._output import PICTURES
    from optviz.networks import ACTIVATIONS
    from optviz.runs.networks.engines import NAMES
    from tests.cli.batch_results import RESULTS

    assert {name: tuple(drawing.PICTURES[type(one)]) for name, one in RESULTS.items()} == PICTURES
    offered = {option.id: option.values[0].autocompletion("") for option in choices()}
    assert offered["train activation"] == list(ACTIVATIONS)
    assert {name.strip("=") for name in offered["train engine"]} == set(NAMES)
