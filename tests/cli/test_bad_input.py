"""Whatever is typed: exit code 2, a line that names it, no traceback, and nothing written."""

import os

import pytest

RACES = ("animate", "plot")
NUMBERS = ["", "x", "nan", "inf", "-1", "0", "1.5", "1e400", "10,000", "[3]", "0x10", "9" * 30]
VALUES = {
    "--optimizers": ["", ",", "adma", "adam,,sgd", "adam,adam", "['adam']", "adam(", "adam sgd", "../adam", "\x00"],
    "--start": ["", "1", "1,2,3", "a,b", "nan,1", "inf,0", "1;2", "1 2", "(1,2)", "1e400,0"],
    "--steps": NUMBERS,
    "--seed": [number for number in NUMBERS if number != "0"],
    "--lr": [
        "",
        "x",
        "nan",
        "inf",
        "-1",
        "-0.1",
        "adma=0.1",
        "adam=",
        "adam=-1",
        "=1",
        "default",
        "adam=nan",
        "tigerlily=1",
    ],
    "--defaults": ["", "tensorflow", "Torch", "kreas", "nan", "0", "torch,keras", "None", "*", "torch "],
    "--theme": ["", "drak", "Dark", "blue", "0", "nan", "dark,light", "darkk", "None", "*"],
    "--size": ["", "800", "800x", "x600", "0x0", "-800x600", "8x6", "800x600x3", "nanxnan", "99999x99999", "800*600"],
    "--output": ["", "x", "x.gfi", "x.tiff", "no/such/folder/x.gif", ".gif", "..", "x.exe", "x.csv", "x/"],
}
MNIST = {
    "--optimizers": VALUES["--optimizers"],
    "--network": ["", "mpl", "resnet", "../mlp", "0", "nan", "mlp,mlp", "None", "*", "mlp "],
    "--dataset": ["", "mnits", "cifar", "m nist", "0", "nan", "mnist,mnist", "None", "*", "mnist "],
    "--groups": ["", ";", "bias", "bias:", ": lr=1", "bias: 1", "bias: lr", "bias: lr=", "bias: lr=cosine(", "*: a=1"],
    "--epochs": NUMBERS,
    "--batch-size": NUMBERS,
    "--seeds": NUMBERS,
    "--jobs": NUMBERS,
    "--lr": VALUES["--lr"],
    "--defaults": VALUES["--defaults"],
    "--theme": VALUES["--theme"],
    "--size": VALUES["--size"],
    "--hidden": ["", ",", "128,", "0", "-1", "1.5", "a,b", "99999999"],
    "--activation": ["", "rleu", "ReLU", "softmax", "*"],
    "--dropout": ["", "x", "nan", "inf", "-0.1", "1", "100%", "150%"],
    "--target": ["", "x", "nan", "inf", "-0.1", "0", "1", "97", "100%", "97 %%"],
    "--engine": ["", "thread", "dask", "dask=", "spark", "processes=2", "*"],
    "--picture": ["", "plan", "curves", "curves,curves", "*"],
    "--tuning-epochs": [*NUMBERS, "2"],
    "--output": ["", "x", "x.mp3", "x.tiff", "no/such/folder/x.png", ".png", "..", "x.exe", "x.jsn", "x/"],
}
GALLERY = {"--only": ["", "rosenbrok", "mnits", ",", "*"], "--jobs": NUMBERS, "--theme": VALUES["--theme"]}
CASES = [
    (command, option, value)
    for commands, options in ((RACES, VALUES), (("train",), MNIST), (("gallery",), GALLERY))
    for command in commands
    for option, values in options.items()
    for value in values
]


def refused(done, code=2):
    """Whether a command was refused as it should be."""
    assert done.code == code, (done.code, done.err)
    assert done.err.startswith("error: ")
    assert len(done.err.splitlines()) == (1 if code == 2 else 2)
    assert "Traceback" not in done.err
    assert done.out == ""
    assert os.listdir() == []


@pytest.mark.thin(5)
@pytest.mark.parametrize(("command", "option", "value"), CASES)
def test_bad_values_are_refused_before_any_work(inside, command, option, value):
    target = ["rosenbrock"] if command in RACES else []
    refused(inside(command, *target, f"{option}={value}"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["animate", "rosenbrok"],
            "unknown function 'rosenbrok'. Did you mean 'rosenbrock'? See: optviz list functions",
        ),
        (
            ["animate", "rosenbrock", "--optimizers", "adma"],
            "--optimizers: unknown optimizer 'adma'. Did you mean 'adam'? See: optviz list optimizers",
        ),
        (["animate", "rosenbrock", "--theme", "drak"], "--theme: unknown value 'drak'. Did you mean 'dark'?"),
        (["animate", "rosenbrock", "--lr", "adma=1"], "--lr: unknown optimizer 'adma'. Did you mean 'adam'?"),
        (["animate", "rosenbrock", "--lr", "default"], "--lr: 'default' cannot be used. Did you mean 'defaults'?"),
        (["animate", "rosenbrock", "--start", "9e6,9"], "start (9e+06, 9) is too far away for rosenbrock. x must lie"),
        (["animate", "rosenbrock", "-o", "x.gfi"], "cannot write x.gfi: unknown ending '.gfi'. Did you mean '.gif'?"),
        (["train", "--network", "mpl"], "unknown network 'mpl'. Did you mean 'mlp'? See: optviz list networks"),
        (["train", "--dataset", "mnits"], "unknown data set 'mnits'. Did you mean 'mnist'? See: optviz list datasets"),
        (["train", "--defaults", "kreas"], "--defaults: unknown value 'kreas'. Did you mean 'keras'?"),
        (["train", "--network", "logreg", "--hidden", "9"], "the network logreg has no option 'hidden'. It has: none"),
        (["train", "--activation", "rleu"], "--activation: unknown value 'rleu'. Did you mean 'relu'?"),
        (["train", "--target", "97"], "--target: '97' cannot be used. Give a share between 0 and 1: 0.97"),
        (["train", "--tune", "--lr", "0.1"], "--lr stands beside --tune. Give learning rates, or have them searched."),
        (["train", "--picture", "plan", "-o", "a.png"], "unknown picture 'plan'. Did you mean 'plane'?"),
        (["train", "--picture", "rates", "-o", "a.png"], "the picture 'rates' needs --tune. Add --tune."),
        (["train", "--picture", "target", "-o", "a.png"], "the picture 'target' needs --target 0.97."),
        (["train", "--picture", "plane", "-o", "a.csv"], "--picture stands without a picture to write"),
        (["train", "--engine", "thread"], "unknown engine 'thread'. Did you mean 'threads'?"),
        (["draw", "a.npz"], "there is no file to write. Name one: -o picture.png"),
        (["list", "optimisers"], "unknown kind 'optimisers'. Did you mean 'optimizers'?"),
        (["animat"], "no such command 'animat'. Did you mean 'animate'?"),
        (["animate"], "missing argument 'FUNCTION'. See: optviz animate --help"),
        (["animate", "rosenbrock", "--them", "dark"], "no such option '--them'. Did you mean '--theme'"),
        (["animate", "rosenbrock", "extra"], "got unexpected extra argument"),
        (["animate", "rosenbrock", "--steps"], "option '--steps' requires an argument"),
    ],
)
def test_messages_name_the_value_and_the_nearest(inside, arguments, message):
    done = inside(*arguments)
    refused(done)
    assert done.err.startswith(f"error: {message}"), done.err


def test_a_folder_that_cannot_be_written_is_refused(inside, here, monkeypatch):
    here.chmod(0o500)
    try:
        if os.access(here, os.W_OK):  # root may write anywhere
            monkeypatch.setattr(os, "access", lambda path, mode: False)
        refused(inside("animate", "rosenbrock"))
    finally:
        here.chmod(0o700)


def test_a_data_set_that_is_not_there_is_missing(inside):
    refused(inside("train", "--dataset", "./digits"), code=3)


def test_an_existing_file_survives_a_refusal(inside, here):
    (here / "kept.gif").write_bytes(b"mine")
    assert inside("animate", "rosenbrock", "-o", "kept.gif", "--steps", "0").code == 2
    assert (here / "kept.gif").read_bytes() == b"mine"


@pytest.mark.parametrize("page", ["README.md", "index.html", "explorer.html"])
def test_the_gallery_does_not_replace_somebody_s_page(inside, here, page):
    (here / page).write_text("<!DOCTYPE html><title>Mine</title>\n# Mine\n")
    done = inside("gallery", ".", "--only", "rosenbrock")
    assert done.code == 2
    assert f"{page} was not written by optviz gallery" in done.err
    assert os.listdir() == [page]
