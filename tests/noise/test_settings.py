"""From text to one noise model and its numbers."""

import dataclasses

import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.noise import REGISTRY, NoiseSetting, configure


@pytest.mark.parametrize(
    ("text", "canonical", "parameters"),
    [
        ("gaussian:0.1", "gaussian:0.1", {"sigma": (0.1,)}),
        (" gaussian : 1e-1 ", "gaussian:0.1", {"sigma": (0.1,)}),
        ("gaussian:.1,1,-0", "gaussian:0.1,1,0", {"sigma": (0.1, 1.0, 0.0)}),
        ("multiplicative:2", "multiplicative:2", {"sigma": (2.0,)}),
        ("stable:1.5,1e-20", "stable:1.5,1e-20", {"alpha": (1.5,), "scale": (1e-20,)}),
        ("minibatch:1e4,128", "minibatch:10000,128,1", {"samples": (10_000.0,), "batch": (128.0,), "sigma": (1.0,)}),
        ("minibatch:5,5,0.25", "minibatch:5,5,0.25", {"samples": (5.0,), "batch": (5.0,), "sigma": (0.25,)}),
    ],
)
def test_text_is_read_and_written(text, canonical, parameters):
    setting = configure(text)
    assert setting.model is REGISTRY[canonical.partition(":")[0]]
    assert setting.parameters == parameters
    assert setting.text == canonical
    assert configure(canonical) == setting
    assert configure(setting) is setting


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e300, 5e-324, 123456789.0, 1e16])
def test_written_numbers_are_read_as_the_same(value):
    setting = NoiseSetting(REGISTRY["gaussian"], {"sigma": (value,)})
    assert configure(setting.text).parameters["sigma"] == (value,)


def test_numbers_by_coordinate():
    assert configure("gaussian:0.1").by_coordinate(3) == ((0.1,),) * 3
    assert configure("gaussian:0.1,1").by_coordinate(2) == ((0.1,), (1.0,))
    assert configure("stable:1.5,2").by_coordinate(2) == ((1.5, 2.0),) * 2
    with pytest.raises(UsageError, match="gaussian:0.1,1 has 2 numbers, the function 3 variables"):
        configure("gaussian:0.1,1").by_coordinate(3)
    with pytest.raises(UsageError, match="has 2 numbers, the function 1 "):
        configure("gaussian:0.1,1").by_coordinate(1)


def test_a_setting_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        configure("gaussian:1").parameters = {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("gaussian", "'gaussian' lacks sigma"),
        ("gaussian:", "'gaussian:' lacks sigma"),
        ("stable", "'stable' lacks alpha and scale"),
        ("stable:1.5", "'stable:1.5' lacks scale"),
        ("minibatch:10", "'minibatch:10' lacks batch"),
        ("stable:1.5,1,1", "'stable:1.5,1,1' has 3 numbers, stable takes 2"),
        ("minibatch:10,5,1,1", "has 4 numbers, minibatch takes 3"),
        ("gaussian:lots", "gaussian: sigma is 'lots'"),
        ("gaussian:0.1,,1", "gaussian: sigma is ''"),
        ("gaussian:0.1:1", "gaussian: sigma is '0.1:1'"),
        ("gaussian:-1", "gaussian: sigma is '-1'"),
        ("gaussian:nan", "gaussian: sigma is 'nan'"),
        ("multiplicative:inf", "multiplicative: sigma is 'inf'"),
        ("multiplicative:1e999", "multiplicative: sigma is '1e999'"),
        ("stable:0.4,1", "stable: alpha is '0.4'"),
        ("stable:2.1,1", "stable: alpha is '2.1'"),
        ("stable:2,-1", "stable: scale is '-1'"),
        ("minibatch:0,1", "minibatch: samples is '0'"),
        ("minibatch:100001,1", "minibatch: samples is '100001'"),
        ("minibatch:10,2.5", "minibatch: batch is '2.5'"),
        ("minibatch:10,0", "minibatch: batch is '0'"),
        ("minibatch:10,5,-1", "minibatch: sigma is '-1'"),
        ("minibatch:10,11", "minibatch: batch is 11, samples 10"),
    ],
)
def test_bad_text_is_refused_with_a_remedy(text, problem):
    with pytest.raises(UsageError) as caught:
        configure(text)
    assert problem in caught.value.problem
    assert caught.value.remedy
    assert "\n" not in caught.value.problem + caught.value.remedy


def test_remedies_say_what_may_be_written():
    def remedy(text):
        with pytest.raises(UsageError) as caught:
            configure(text)
        return caught.value.remedy

    assert remedy("minibatch") == "Write minibatch:samples,batch,sigma=1, with a number for each name."
    assert remedy("gaussian:-1") == "It must be a finite number of at least 0."
    assert remedy("stable:3,1") == "It must be a finite number of at least 0.5 and at most 2."
    assert remedy("minibatch:0,1") == "It must be a whole number of at least 1 and at most 100000."


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown noise model 'gausian'\nDid you mean 'gaussian'?"):
        configure("gausian:0.1")
    with pytest.raises(UnknownNameError, match="unknown noise model ''"):
        configure("")


@pytest.mark.parametrize("noise", [None, 0.1, b"gaussian:0.1", ("gaussian", 0.1)])
def test_anything_but_text_is_refused(noise):
    with pytest.raises(UsageTypeError, match="the noise is"):
        configure(noise)
