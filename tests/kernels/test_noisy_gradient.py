"""Stochastic gradients: distributions, the same bits in plain Python, at any place and on any thread."""

import functools
import math
from concurrent.futures import ThreadPoolExecutor
from statistics import NormalDist

import numba
import numpy as np
import pytest

from optviz.kernels.cache import OPTIONS
from optviz.kernels.random import draw, noisy_gradient, uniform
from optviz.noise import REGISTRY, configure, noise
from optviz.runs.points.minibatches import batch_means
from tests.kernels.uncompiled import plain

SETTINGS = (
    "gaussian:0.5",
    "multiplicative:0.5",
    "minibatch:20,3,0.5",
    "stable:1.5,0.5",
    "stable:2,0.5",
    "stable:0.5,1",
)


@functools.cache
def filler(model, dtype):
    """A kernel that writes the stochastic gradients at many places."""
    noisy = noisy_gradient(model, dtype)

    @numba.njit(**OPTIONS)
    def fill(out, g, seed, starts, steps, coordinates, parameters, table):
        for i in range(starts.size):
            for t in range(steps.size):
                for k in range(coordinates.size):
                    out[i, t, k] = noisy(g, seed, starts[i], steps[t], coordinates[k], parameters, table)

    return fill


def drawn(text, dtype=np.float64, starts=range(64), steps=range(1, 9), coordinates=(0, 1), seed=5, g=0.0):
    """(starts, steps, coordinates): stochastic gradients, made in the order of the arguments."""
    setting = configure(text)
    table = batch_means(setting, max(steps), max(coordinates) + 1, seed)
    places = np.array(starts, np.uint64), np.array(steps, np.int64), np.array(coordinates, np.int64)
    out = np.empty([place.size for place in places], dtype)
    filler(setting.model, dtype)(out, dtype(g), np.uint64(seed), *places, numbers(setting, dtype), table)
    return out


def numbers(setting, dtype):
    """The parameters of a coordinate."""
    return tuple(map(dtype, setting.by_coordinate(1)[0]))


def distance(sample, cdf):
    """The largest distance between the distribution of a sample and `cdf`: Kolmogorov and Smirnov's statistic."""
    values = np.sort(np.ravel(sample))
    shares = np.array([cdf(value) for value in values])
    above, below = np.arange(1, values.size + 1) / values.size, np.arange(values.size) / values.size
    return max((above - shares).max(), (shares - below).max())


@pytest.mark.thin(11)
@pytest.mark.parametrize("text", SETTINGS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_equal_to_plain_python(text, dtype):
    setting = configure(text)
    places = {"starts": (0, 1, 5, 2**33), "steps": (1, 2, 30), "coordinates": (0, 1), "g": 1.25}
    compiled = drawn(text, dtype, **places)
    noisy = plain(noisy_gradient(setting.model, dtype))
    parameters = numbers(setting, dtype)
    table = batch_means(setting, 30, 2, 5)
    expected = [
        [[noisy(dtype(1.25), np.uint64(5), np.uint64(i), t, k, parameters, table) for k in (0, 1)] for t in (1, 2, 30)]
        for i in places["starts"]
    ]
    if setting.model.name == "stable":  # its powers and sines are the library's
        np.testing.assert_allclose(compiled, expected, rtol=2e-5 if dtype is np.float32 else 1e-13)
    else:
        np.testing.assert_array_equal(compiled, np.array(expected, dtype))


def test_normal_draws_are_normal():
    sample = drawn("gaussian:1", starts=range(2000), steps=range(1, 26), coordinates=(0, 1))
    count = sample.size
    assert abs(sample.mean()) < 4 / math.sqrt(count)
    assert sample.var() == pytest.approx(1, abs=4 * math.sqrt(2 / count))
    assert abs((sample**3).mean()) < 4 * math.sqrt(15 / count)
    assert (sample**4).mean() == pytest.approx(3, abs=4 * math.sqrt(96 / count))
    assert distance(sample, NormalDist().cdf) < 1.63 / math.sqrt(count)  # one sample in a hundred is farther off


def test_neighbours_are_independent():
    sample = drawn("gaussian:1", starts=range(1000), steps=range(1, 51), coordinates=(0, 1))
    other = drawn("gaussian:1", starts=range(1000), steps=range(1, 51), coordinates=(0, 1), seed=6)
    pairs = [
        (sample[1:], sample[:-1]),
        (sample[:, 1:], sample[:, :-1]),
        (sample[..., 0], sample[..., 1]),
        (sample, other),
    ]
    for one, two in pairs:
        for power in (1, 2):
            correlation = np.corrcoef(np.ravel(one) ** power, np.ravel(two) ** power)[0, 1]
            assert abs(correlation) < 4 / math.sqrt(one.size)
    assert np.unique(sample).size == sample.size


def test_stable_draws_at_two_are_gaussian_with_variance_two():
    sample = drawn("stable:2,1", starts=range(1000), steps=range(1, 26))
    assert sample.var() == pytest.approx(2, abs=8 * math.sqrt(2 / sample.size))
    assert distance(sample, NormalDist(0, math.sqrt(2)).cdf) < 1.63 / math.sqrt(sample.size)


def test_stable_draws_at_one_are_cauchys():
    sample = drawn("stable:1,1", starts=range(1000), steps=range(1, 26))
    assert distance(sample, lambda x: 0.5 + math.atan(x) / math.pi) < 1.63 / math.sqrt(sample.size)


def test_the_size_of_the_noise():
    for text, size in (("gaussian:0.25", 0.25), ("multiplicative:0.25", 0.5), ("minibatch:1000,16,2", 0.5)):
        sample = drawn(text, starts=range(4), steps=range(1, 621), g=2.0)
        assert sample.std() == pytest.approx(size, rel=0.05), text


def test_a_draw_depends_on_its_place_alone():
    setting = "gaussian:1"
    whole = drawn(setting)
    reordered = drawn(setting, starts=range(63, -1, -1), steps=range(8, 0, -1), coordinates=(1, 0))
    np.testing.assert_array_equal(whole, reordered[::-1, ::-1, ::-1])
    np.testing.assert_array_equal(
        whole[17:20, 3:5, 1:], drawn(setting, starts=(17, 18, 19), steps=(4, 5), coordinates=(1,))
    )
    with ThreadPoolExecutor(4) as pool:
        tiles = list(pool.map(lambda first: drawn(setting, starts=range(first, first + 16)), range(0, 64, 16)))
    np.testing.assert_array_equal(whole, np.concatenate(tiles))


def test_minibatches_show_every_sample_once_an_epoch_to_every_start():
    setting = configure("minibatch:12,1")
    seen = drawn(setting.text, starts=range(15), steps=range(1, 37), coordinates=(0, 1))
    samples = np.sort(batch_means(setting, 12, 2, 5)[:, 0])
    epochs = seen[..., 0].reshape(15, 3, 12)
    np.testing.assert_array_equal(np.sort(epochs), np.broadcast_to(samples, epochs.shape))
    assert len({tuple(order) for order in epochs[:12, 0]}) == 12
    np.testing.assert_array_equal(seen[:3], seen[12:])


def test_minibatches_of_a_start_stand_where_the_table_says():
    setting = configure("minibatch:20,3")
    table, batches = batch_means(setting, 40, 2, 5), 6
    seen = drawn(setting.text, starts=(0, 1, 2**40 + 3), steps=range(1, 41))
    for i, start in enumerate((0, 1, 2**40 + 3)):
        for t in range(1, 41):
            epoch, place = divmod(t - 1, batches)
            np.testing.assert_array_equal(seen[i, t - 1], table[epoch * batches + (place + start) % batches])


@pytest.mark.thin(9)
@pytest.mark.parametrize("text", SETTINGS)
def test_float32_computes_in_float32_once_it_has_drawn(text):
    sample = drawn(text, np.float32)
    assert np.isfinite(sample).all()
    np.testing.assert_allclose(sample, drawn(text), rtol=2e-4, atol=2e-6)
    (code,) = filler(configure(text).model, np.float32).inspect_llvm().values()
    assert "fptrunc double" in code and "fpext" not in code


@pytest.mark.parametrize("text", [text for text in SETTINGS if not text.startswith("minibatch")])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_ends_of_the_interval_give_finite_noise(text, dtype):
    setting = configure(text)
    parameters = numbers(setting, dtype)
    noisy = plain(noisy_gradient(setting.model, dtype))
    for ends in np.ndindex(2, 2):
        high, low = (np.uint64(0xFFFFFFFF * end) for end in ends)
        noisy.__globals__["draw"] = lambda *place, both=(high, high, low, low): both
        assert math.isfinite(noisy(dtype(1), np.uint64(5), np.uint64(9), 3, 1, parameters, np.zeros((1, 1))))


def everything(g, mean, w, u, samples, batch, gain):
    """Draws in an order of their own."""
    return g + 100 * mean + 10 * w + u * gain


def nothing(g, gain):
    return g * gain


@pytest.mark.slow
def test_models_from_outside_may_draw_anything_in_any_order(monkeypatch):
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))
    setting = noise(everything) and configure("everything:4,2,0.5")
    at = draw(np.uint64(5), np.uint64(3), 2, 0)
    mean = batch_means(setting, 2, 1, 5)[(1 + 3) % 2, 0]
    expected = everything(1.0, mean, uniform(*at[2:]), uniform(*at[:2]), 4, 2, 0.5)
    assert drawn(setting.text, starts=(3,), steps=(2,), coordinates=(0,), g=1.0).item() == expected
    assert noise(nothing) and drawn("nothing:3", g=2.0).mean() == 6.0


def test_the_same_function_for_the_same_model():
    gaussian, stable = REGISTRY["gaussian"], REGISTRY["stable"]
    assert noisy_gradient(gaussian, np.float32) is noisy_gradient(gaussian, np.float32)
    kinds = {noisy_gradient(model, dtype) for model in (gaussian, stable) for dtype in (np.float32, np.float64)}
    assert len(kinds) == 4
