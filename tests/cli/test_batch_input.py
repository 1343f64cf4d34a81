"""What ``basins``, ``sweep``, ``swarm`` and ``study`` refuse, and what their help and completion offer."""

import pytest

from optviz.cli._app import COMMANDS, app
from tests.cli.batch_results import ALL, BASINS, STUDY, SWEEP
from tests.cli.test_bad_input import NUMBERS, VALUES, refused
from tests.cli.test_options import described

REGION = ["", "1:2", "1:2,3:4,5:6", "a:b,0:1", "nan:1,0:1", "0:inf,0:1", "2:1,0:1", "1:1,0:1", "0,1", "1:2:3,0:1"]
GRID = ["", "0", "-5", "1.5", "x", "3x", "x3", "0x9", "9x0", "3x3x3", "3*3", "nan", "9" * 12]
TOLERANCE = ["", "x", "nan", "inf", "0", "-1"]
NOISE = [
    "",
    "gaussain:0.1",
    "gaussian",
    "gaussian:",
    "gaussian:x",
    "gaussian:-1",
    "gaussian:nan",
    "gaussian:1,2,3",
    "0.1",
]
AXIS = ["", "lrr", "lr=", "lr=1", "lr=1:", "lr=2:1", "lr=1:1", "lr=nan:1", "lr=0.1:inf", "lr=0.1:1:lgo", "lr:0.1:1"]
SET = ["", "dampening", "dampening=", "dampening=x", "dampening=nan", "dampening=2", "dampenign=0", "lr=0.1", "=1"]
LIST = ["", ",", "a,,b", "*", "All"]
SHARED_VALUES = {
    "--steps": NUMBERS,
    "--seed": VALUES["--seed"],
    "--threads": NUMBERS,
    "--noise": NOISE,
    "--defaults": VALUES["--defaults"],
    "--theme": VALUES["--theme"],
    "--size": VALUES["--size"],
}
SPREAD = {"--optimizers": VALUES["--optimizers"], "--lr": VALUES["--lr"]}
REGIONAL = {"--bounds": REGION, "--tolerance": TOLERANCE}
NO_TABLE = ["", "x", "x.gfi", "x.tiff", "no/such/folder/x.png", ".png", "..", "x.exe", "x.csv", "x/"]
STILL = [*NO_TABLE, "x.gif"]
BAD = {
    "basins": SHARED_VALUES
    | SPREAD
    | REGIONAL
    | {"--resolution": GRID, "--picture": ["", "valeus", "basins,basins", "*", "functions"], "--output": STILL},
    "sweep": SHARED_VALUES
    | {
        "--optimizer": ["", "adma", "adam,sgd", "sgd", "adagrad"],
        "--x": AXIS,
        "--y": [*AXIS, "lr"],
        "--set": SET,
        "--start": ["", "1", "1,2,3", "a,b", "nan,1"],
        "--tolerance": TOLERANCE,
        "--resolution": GRID,
        "--output": STILL,
    },
    "swarm": SHARED_VALUES
    | SPREAD
    | REGIONAL
    | {"--starts": NUMBERS, "--frames": [*NUMBERS, "1", "1001"], "--output": NO_TABLE},
    "study": SHARED_VALUES
    | SPREAD
    | {
        "--functions": [*LIST, "rosenbrok", "sphere,sphere", "all,sphere"],
        "--starts": NUMBERS,
        "--picture": ["", "functoins", "study,study", "*", "basins"],
        "--output": [name for name in STILL if name != "x.csv"],
    },
}
CASES = [(command, option, value) for command in BAD for option, values in BAD[command].items() for value in values]


@pytest.mark.thin(5)
@pytest.mark.parametrize(("command", "option", "value"), CASES)
def test_bad_values_are_refused_before_any_work(inside, asked, command, option, value):
    refused(inside(*ALL[command], f"{option}={value}"))
    assert not asked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["basins", "himelblau"],
            "unknown function 'himelblau'. Did you mean 'himmelblau'? See: optviz list functions",
        ),
        ([*BASINS, "--bounds", "2:1,0:1"], "--bounds: nothing lies from 2 to 1. Give the lower end first: -2:2"),
        ([*BASINS, "--bounds", "0:1"], "--bounds: '0:1' is not a region. Give two ranges: --bounds -2:2,-1:3"),
        ([*BASINS, "--resolution", "0"], "--resolution: '0' cannot be used. Give one whole number or two: 258 or 400"),
        ([*BASINS, "--tolerance", "0"], "--tolerance: '0' is not above 0. Example: --tolerance 1e-4"),
        (
            [*BASINS, "--noise", "gausian:1"],
            "unknown noise model 'gausian'. Did you mean 'gaussian'? See: optviz list n",
        ),
        ([*BASINS, "--noise", "gaussian:1,2,3"], "the noise gaussian:1,2,3 has 3 numbers, the function 2 variables."),
        (
            [*BASINS, "--picture", "basins,values", "-o", ""],
            "cannot write '': it names no file. Give a name with an ending.",
        ),
        (
            [*BASINS, "--picture", "valeus"],
            "unknown picture 'valeus'. Did you mean 'values'? Choose from: basins, values",
        ),
        (
            [*BASINS, "--picture", "values", "-o", "a.npz"],
            "--picture stands without a picture to write. Add one: -o sadd",
        ),
        (
            [*BASINS, "-o", "a.gif"],
            "cannot write a.gif: a .gif file holds an animation, and this makes a figure or a page",
        ),
        ([*SWEEP, "--optimizer", "adma"], "--optimizer: unknown optimizer 'adma'. Did you mean 'adam'?"),
        (
            [*SWEEP, "--optimizer", "sgd"],
            "sgd has no momentum, beta1 or rho to lie along y. Name another with --y. It has: lr, weight_decay",
        ),
        ([*SWEEP, "--optimizer", "adagrad"], "adagrad has no momentum, beta1 or rho to lie along y. Name another with"),
        (
            [*SWEEP, "--x", "momentun"],
            "--x: momentum has no hyperparameter 'momentun'. Did you mean 'momentum'? It has:",
        ),
        ([*SWEEP, "--y", "lr"], "lr lies along both axes. Name another. It has: lr, momentum, dampening, weight_decay"),
        (
            [*SWEEP, "--x", "lr=0.1:1:lin"],
            "--x: scale: unknown value 'lin'. Did you mean 'linear'? Choose from: log, lin",
        ),
        ([*SWEEP, "--x", "lr=0.1"], "--x: '0.1' is not a range. Give its two ends, the lower one first: -2:2"),
        ([*SWEEP, "--set", "lr=0.1"], "--set: lr lies along an axis. Leave it out, or let another vary."),
        (
            [*SWEEP, "--set", "dampenign=1"],
            "--set: momentum has no hyperparameter 'dampenign'. Did you mean 'damp",
        ),
        ([*SWEEP, *["--set", "dampening=0"] * 2], "--set names dampening twice. Name it once."),
        ([*STUDY, "--functions", "rosenbrok"], "unknown function 'rosenbrok'. Did you mean 'rosenbrock'?"),
        ([*STUDY, "--functions", "booth,booth"], "--functions names 'booth' twice. Name it once."),
        ([*STUDY, "--lr", "tigerlily=1"], "--lr: unknown optimizer 'tigerlily'."),
    ],
)
def test_messages_name_the_value_and_the_nearest(inside, asked, arguments, message):
    done = inside(*arguments)
    refused(done)
    assert done.err.startswith(f"error: {message}"), done.err


# Help and completion.


@pytest.mark.parametrize("command", ALL)
def test_help_names_every_option_and_gives_examples(inside, command):
    from typer.main import get_command

    shown = inside(command, "--help")
    assert (shown.code, shown.err) == (0, "")
    for parameter in get_command(app).commands[command].params:
        for option in [] if getattr(parameter, "hidden", False) else parameter.opts:
            assert (option if option.startswith("-") else option.upper()) in shown.out
    assert shown.out.count(f"$ optviz {command}") >= 3
    assert shown.out == inside("help", command).out


@pytest.mark.parametrize("command", ALL)
def test_examples_are_understood(inside, undrawn, here, command):
    import shlex

    lines = [line.strip() for line in COMMANDS[command].examples.splitlines() if line.strip().startswith("$ optviz")]
    for line in lines:
        done = inside(*shlex.split(line)[2:])
        assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("command", "option", "start", "offered"),
    [
        ("sweep", "x", "beta", ["beta1", "beta2"]),
        ("swarm", "noise", "gau", ["gaussian"]),
        ("sweep", "optimizer", "ada", ["adagrad", "adadelta", "adam"]),
        ("study", "functions", "booth,sph", ["booth,sphere"]),
        ("gallery", "only", "sphere,s", ["sphere,saddle", "sphere,sweep", "sphere,swarm", "sphere,study"]),
    ],
)
def test_completion(command, option, start, offered):
    names = described(command)[option].autocompletion(start)
    assert set(offered) <= set(names)
    assert all(name.startswith(start) for name in names)
