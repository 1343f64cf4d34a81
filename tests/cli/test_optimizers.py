"""Optimizers and learning rates as they are typed: with numbers, in wrappers, in sets, with schedules."""

import pytest

from optviz import schedules
from optviz.cli import _optimizers
from optviz.optimizers import configure, members
from tests.cli.batch_results import ALL
from tests.cli.test_bad_input import refused

MANY = [name for name in ("basins", "swarm", "study", "train") if name in ALL]


@pytest.mark.parametrize("command", ["animate sphere", "plot sphere", *(" ".join(ALL[name]) for name in MANY)])
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (["adam, adam(beta1=0.5), Adam(variant=keras)"], ["adam", "adam(beta1=0.5)", "Adam(variant=keras)"]),
        (["sgd(momentum=0.9, nesterov=True),heavy-ball"], ["sgd(momentum=0.9, nesterov=True)", "momentum"]),
        (["@classic", "adam"], [*(name for name in members("@classic") if name != "adam"), "adam"]),
        (["@modern"], members("@modern")),
        (["all"], members("@all")),
    ],
)
def test_several_optimizers(inside, undrawn, command, typed, read):
    words = [word for text in typed for word in ("--optimizers", text)]
    done = inside(*command.split(), *words)
    assert done.code == 0, done.err
    (options,) = (one for name, (_, one) in undrawn.items() if name in command or name == "animate")
    assert options["optimizers"] == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (["adam=cosine(0.1, warmup=100)"], {"adam": schedules.cosine(0.1, warmup=100)}),
        (["cosine(0.1)"], schedules.cosine(0.1)),
        (["cosine"], schedules.cosine()),
        (["Adam = 0.2"], {"adam": 0.2}),
        (["adam(beta1=0.5)=0.1", "0.3"], {"adam": 0.3, "adam(beta1=0.5)": 0.1, "sgd": 0.3}),
        (["adam(beta1=.5)=linear(1e-2)"], {"adam(beta1=0.5)": schedules.linear(0.01)}),
    ],
)
def test_learning_rates(typed, read):
    settings = _optimizers.settings("--optimizers", ["adam", "adam(beta1=0.5)", "sgd", "cocob"], "torch")
    assert _optimizers.rates(typed, settings, "torch") == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--optimizers", "adam, adam("], "--optimizers: the optimizer 'adam(' ends where a value should stand. Write"),
        (["--optimizers", "lookahead(adam"], "--optimizers: the optimizer 'lookahead(adam' ends where a comma or )"),
        (["--optimizers", "adam(beta1=)"], "--optimizers: the optimizer 'adam(beta1=)' has ')' at letter 12 where a v"),
        (["--optimizers", "adam(beta1=2)"], "--optimizers: adam: beta1 is 2. It must be a number in [0, 1)."),
        (["--optimizers", "adam(lr=cosin(0.1))"], "--optimizers: unknown schedule 'cosin'. Did you mean 'cosine'?"),
        (["--optimizers", "adam,Adam"], "--optimizers: the list of optimizers names adam twice. Name each opt"),
        (["--optimizers", "@clasic"], "--optimizers: unknown set of optimizers '@clasic'. Did you mean '@classic'?"),
        (["--optimizers", "adam(decay=none)"], "--optimizers: adam: decay is 'none'. Choose from: l2, decoupled,"),
        (["--optimizers", "adam(weight_decay=-1)"], "--optimizers: adam: weight_decay is -1. It must be a number in ["),
        (["--lr", "adam=cosine("], "--lr: the schedule 'cosine(' ends where a value should stand. Write one there:"),
        (["--lr", "cosine(0.1, warmup="], "--lr: the schedule 'cosine(0.1, warmup=' ends where a value should stand."),
        (["--lr", "adam=cosin(0.1)"], "--lr: unknown schedule 'cosin'. Did you mean 'cosine'? See: optviz list sch"),
        (["--lr", "lion=0.1"], "--lr: lion does not run here. These run: sgd, momentum, nesterov, adagrad, adadelta,"),
        (["--lr", "adam(beta1=0.5)=0.1"], "--lr: adam(beta1=0.5) does not run here. These run: sgd, momentum,"),
        (["--lr", "adam(=0.1"], "--lr: the schedule 'adam(=0.1' has '=' at letter 6 where a value should stand."),
        (["--lr", "adam=cosine(0.1, steps=9999)", "--steps", "50"], "cosine(0.1, steps=9999): steps is 9999, the run"),
    ],
)  # fmt: skip
def test_what_is_half_typed_or_wrong_names_the_option_and_the_place(inside, typed, said):
    done = inside("animate", "sphere", *typed)
    refused(done)
    assert done.err.startswith(f"error: {said}"), done.err


SWEEP = ["sweep", "saddle", "--x", "lr=0.01:1"]


@pytest.mark.parametrize(
    ("typed", "axes", "given"),
    [
        (["--optimizer", "adam(variant=keras)"], ["lr", "beta1"], {}),
        (["--optimizer", "sgd", "--y", "weight_decay"], ["lr", "weight_decay"], {}),
        (["--optimizer", "adam(lr=cosine(0.1, warmup=5))", "--y", "lr_warmup=1:20:linear"], ["lr", "lr_warmup"], {}),
        (["--y", "lr_final=0.01:1", "--set", "lr=linear(0.1)"], ["lr", "lr_final"], {"lr": "linear(0.1)"}),
        (["--set", "weight_decay=0.1"], ["lr", "momentum"], {"weight_decay": 0.1}),
    ],
)
def test_what_is_typed_for_a_sweep(inside, undrawn, typed, axes, given):
    done = inside(*SWEEP, *typed)
    assert done.code == 0, done.err
    arguments, options = undrawn["sweep"]
    assert [axis[0] for axis in arguments[2:]] == axes
    assert {name: options[name] for name in given} == given
    configure(arguments[1], **given)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--optimizer", "adam(variant=kears)"], "--optimizer: adam has no variant 'kears'. Did you mean 'keras'?"),
        (["--y", "lr_warmup"], "--y: momentum has no hyperparameter 'lr_warmup'. It has: lr, momentum, dampening, wei"),
        (["--set", "lr=cosine("], "--set: the schedule 'cosine(' ends where a value should stand."),
        (["--set", "momentum=0.1"], "--set: momentum lies along an axis. Leave it out, or let another vary."),
        (["--optimizer", "@classic"], "--optimizer: unknown optimizer '@classic'."),
    ],
)  # fmt: skip
def test_sweeps_that_are_refused(inside, typed, said):
    done = inside(*SWEEP, *typed)
    refused(done)
    assert done.err.startswith(f"error: {said}"), done.err


@pytest.mark.parametrize(
    ("incomplete", "offered"),
    [
        ("ada", "adam"), ("sgd,ada", "sgd,adam"), ("@cl", "@classic"), ("adam,@mo", "adam,@modern"), ("al", "all"),
        ("lookahead(ada", "lookahead(adam"), ("sgd,lookahead(ada", "sgd,lookahead(adam"),
    ],
)  # fmt: skip
def test_completion_offers_names_also_in_brackets(incomplete, offered):
    assert offered in _optimizers.complete_some(incomplete)
    assert all(one.startswith(incomplete) for one in _optimizers.complete_some(incomplete))


def test_what_is_highlighted(inside, undrawn, monkeypatch):
    looks = []
    monkeypatch.setattr("optviz.drawing.draw", lambda result, *files, **look: looks.append(look) or list(files))
    line = ["animate", "sphere", "--optimizers", "sgd,adam,adam(beta1=0.5)", "--show", "lr"]
    assert inside(*line, "--highlight", "Adam(beta1=.5),SGD").code == 0
    assert looks[-1]["highlight"] == ["adam(beta1=0.5)", "sgd"] and looks[-1]["show"] == "lr"
    for typed, said in (
        ("lion", "--highlight: lion does not run here. These run: sgd, adam, adam(beta1=0.5)"),
        ("adma", "--highlight: unknown optimizer 'adma'. Did you mean 'adam'?"),
        ("sgd,sgd", "--highlight names 'sgd' twice. Name it once."),
    ):
        done = inside(*line, "--highlight", typed)
        assert (done.code, done.out) == (2, "") and done.err.startswith(f"error: {said}"), done.err
    many = ["animate", "sphere", "--optimizers", "@classic", "--highlight", ",".join(members("@classic")[:9])]
    assert "--highlight: 9 optimizers. At most 8 can be told apart by colour." in inside(*many).err
