"""Philox and its known answers, uniform and normal numbers, the same bits in plain Python."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from optviz.kernels.random import draw, logarithm, normal, philox, uniform
from optviz.kernels.random_single import BELOW_ONE, logarithm_single, normal_single, uniform_single
from tests.kernels.uncompiled import plain

WORD = 0xFFFFFFFF
# Of Random123 1.14, tests/kat_vectors: counter, key, result.
KNOWN = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((WORD,) * 4, (WORD,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)


def words(*values):
    return tuple(np.uint64(value) for value in values)


def salmon(counter, key):
    """Philox4x32-10 in Python's integers, from the paper."""
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(second >> 32) ^ c[1] ^ k[0], second & WORD, (first >> 32) ^ c[3] ^ k[1], first & WORD]
        k = [(k[0] + 0x9E3779B9) & WORD, (k[1] + 0xBB67AE85) & WORD]
    return tuple(c)


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN, ids=["zeros", "ones", "pi"])
def test_philox_gives_the_published_answers(counter, key, result):
    assert philox(*words(*counter, *key)) == result == salmon(counter, key)


def test_philox_is_that_of_the_paper_for_any_counter_and_key():
    for place in np.random.default_rng(0).integers(0, WORD, (200, 6), np.uint64, endpoint=True):
        counter, key = place[:4].tolist(), place[4:].tolist()
        assert philox(*place) == plain(philox)(*place) == salmon(counter, key)


@pytest.mark.parametrize(
    ("seed", "start", "step", "coordinate"),
    [
        (0, 0, 1, 0),
        (2**64 - 1, 2**64 - 1, 2**32 - 1, 2**32 - 1),
        (2**32, 1, 7, 3),
        (1, 2**32, 7, 3),
        (9, 2**40 + 5, 1, 1),
    ],
)
def test_counter_and_key_hold_all_that_a_draw_depends_on(seed, start, step, coordinate):
    counter, key = (step, coordinate, start & WORD, start >> 32), (seed & WORD, seed >> 32)
    assert draw(*words(seed, start), step, coordinate) == salmon(counter, key)


def test_uniforms_are_odd_multiples_in_the_open_interval():
    assert uniform(*words(0, 0)) == 2.0**-53
    assert uniform(*words(WORD, WORD)) == 1 - 2.0**-53
    rng = np.random.default_rng(1)
    for high, low in rng.integers(0, WORD, (200, 2), np.uint64, endpoint=True):
        u = uniform(high, low)
        assert u * 2**53 == 2 * (((int(high) << 32) | int(low)) >> 12) + 1
        assert u == plain(uniform)(high, low)


def test_the_logarithm_is_right_to_the_last_place():
    rng = np.random.default_rng(2)
    points = [*rng.random(5000), *(2.0 ** -np.arange(54)), *(1 - 2.0 ** -np.arange(1, 54)), *rng.uniform(1, 1e300, 500)]
    for x in points:
        value = logarithm(x)
        assert abs(value - math.log(x)) <= np.spacing(abs(value))
        assert value == plain(logarithm)(np.float64(x))


def uniforms():
    """Shares of all sizes, on both sides."""
    rng = np.random.default_rng(3)
    small = [*rng.uniform(0, 0.5, 3000), *(2.0 ** -rng.uniform(1, 53, 3000)), 2.0**-53, 0.5 - 2.0**-53, 0.25]
    edges = [np.nextafter(0.075, side) for side in (0, 1)] + [0.075, 0.0749999, 0.0750001]
    return [np.float64(np.round(u * 2**53) / 2**53) for u in small + edges]


def test_the_normal_is_where_the_complementary_error_function_says():
    for u in uniforms():
        x = normal(u)
        # A step of Newton's method on erfc, which is right to the last places in the tail as well.
        error = (math.erfc(-x / math.sqrt(2)) / 2 - u) / (math.exp(-x * x / 2) / math.sqrt(2 * math.pi))
        assert abs(error) <= (1.2e-15 * (1 + abs(x)) if x > -6.65 else 5e-12), (u, x)
        assert normal(1 - u) == -x or u == 0.5
        assert x == plain(normal)(u)


def test_the_normal_is_pythons():
    for u in uniforms():
        expected = NormalDist().inv_cdf(u)
        assert normal(u) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def single_draws():
    """Words, what is drawn of them in float32, and in float64."""
    random = np.random.default_rng(1)
    high, low = random.integers(0, 1 << 32, (2, 20_000), np.uint64)
    high[:1000] >>= np.arange(1000, dtype=np.uint64) % np.uint64(33)  # some near 0
    high[1000:2000] = high[:1000] ^ np.uint64(0xFFFFFFFF)  # and some near 1
    return list(zip(high, low, strict=True))


def test_uniforms_of_float32_are_those_of_float64_rounded_and_never_1():
    for high, low in single_draws():
        found, u = uniform_single(high, low), uniform(high, low)
        nearest = min(np.float32(u), BELOW_ONE)  # but for ties, and the last of 46 bits
        assert abs(found - nearest) <= max(np.spacing(nearest), 2.0**-47)
        assert 0 < found < 1


def test_the_normal_of_float32_is_that_of_float64_within_its_stated_error():
    for high, low in single_draws():
        x = normal(uniform(high, low))
        if abs(x) <= 6:
            assert abs(normal_single(high, low) - x) <= 4e-7 * (1 + abs(x))


@pytest.mark.parametrize("word", [0, 0xFFFFFFFF])
def test_the_normal_of_float32_at_the_ends(word):
    x = normal_single(np.uint64(word), np.uint64(word))
    exact = math.copysign(math.sqrt(2) * erfcinv(2.0**-47), word - 1)
    assert abs(x - exact) <= 2e-6 * (1 + abs(exact))


def erfcinv(p):
    """By bisection, since `math` has its inverse alone."""
    low, high = 0.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erfc(middle) > p else (low, middle)
    return low


def test_the_logarithm_of_float32_is_right_to_the_last_place():
    x = np.exp(np.random.default_rng(0).uniform(-32, -1e-3, 10_000)).astype(np.float32)
    exact = np.log(x.astype(np.float64))
    found = np.array([logarithm_single(one) for one in x])
    assert (abs(found - exact) <= np.spacing(abs(exact).astype(np.float32))).all()
