"""The kernels of training: pieces of an update, calls by address, the disk cache. Gradients: tests/networks."""

import os
import platform
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest

from optviz.kernels import dropout, training
from optviz.kernels.buffers import layout, new_state, workspace
from optviz.kernels.cache import OPTIONS
from optviz.kernels.indirect import address, call
from optviz.kernels.rules import constants
from optviz.kernels.sparse import PART, compress
from optviz.kernels.update import array_function
from optviz.networks import Plan
from optviz.optimizers import configure
from tests.networks import reference

SIZE = 100
SETTINGS = {
    "no state": configure("sgd"),
    "step scalars": configure("adam", defaults="torch"),
    "three slots, five hyperparameters": configure("rmsprop", momentum=0.9, centered=True),
}

every_setting = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)


def numbers(setting):
    """Scalars of three steps, and hyperparameters, of two groups, as `train` takes them."""
    formula = setting.formula
    tables = np.random.default_rng(1).uniform(0.5, 2, (2, len(formula.scalar_names), 3)).astype(np.float32)
    hyper = np.array(constants(formula, setting.hyperparameters), np.float32).reshape(-1, 1)
    return tables, np.hstack([hyper, hyper / 2])


@pytest.mark.thin(3)
@every_setting
@pytest.mark.parametrize("ends", [(SIZE,), (33, SIZE), (10, 20, 34, 80, SIZE)])
def test_pieces_are_the_whole(setting, ends):
    """Whichever group each stretch of the parameters belongs to."""
    generator = np.random.default_rng(0)
    slots = len(setting.formula.slots)
    tables, hyper = numbers(setting)
    state = new_state(SIZE, slots)
    state[0, :SIZE] = generator.normal(size=SIZE)
    whole = state[:, :SIZE].copy()
    groups = [place % 2 for place in range(len(ends))]
    piece = training.piece_kernel(setting.formula)
    update = array_function(setting.formula, np.float32)
    for step in range(3):
        gradient = generator.normal(size=SIZE).astype(np.float32)
        for first, count in ((0, 33), (33, 0), (33, 1), (34, 66)):
            part = gradient[first : first + count].copy()
            piece(state, part, first, count, tables, step, hyper, np.array([ends, groups]))
        for first, end, group in zip((0, *ends), ends, groups, strict=False):
            x, *own = whole[:, first:end]
            update(x, gradient[first:end], tuple(own), tuple(tables[group, :, step]), tuple(hyper[:, group]))
    assert np.array_equal(state[:, :SIZE], whole)
    assert not state[:, SIZE:].any()


@pytest.mark.thin(3)
@every_setting
def test_pieces_are_pure_and_vectorised(setting):
    # Compiled here and now, since what comes from the disk cache has no intermediate code to look at.
    kernel = numba.njit(**OPTIONS)(training.piece_kernel(setting.formula).py_func)
    tables, hyper = numbers(setting)
    state = new_state(SIZE, len(setting.formula.slots))
    kernel(state, np.ones(SIZE, np.float32), 0, SIZE, tables, 0, hyper, training.WHOLE)
    (code,) = kernel.inspect_llvm().values()
    assert "fpext" not in code
    if platform.machine() in ("x86_64", "AMD64"):
        (assembly,) = kernel.inspect_asm().values()
        assert re.search(r"<(4|8|16) x float>", code)
        root = re.search(r"\bv?sqrt[ps]s\b", assembly)
        assert root is None or re.search(r"\bv?sqrtps\b", assembly)


def double(array, factor):
    for i in range(array.size):
        array[i] *= factor


def twice(where, array):
    for _ in range(2):
        call(where, (array, 3.0))


def test_a_kernel_is_called_by_its_address():
    array = np.array([1.0, 2.0])
    doubled = numba.njit(**OPTIONS)(double)
    numba.njit(**OPTIONS)(twice)(np.uint64(address(doubled, array, 3.0)), array)
    assert array.tolist() == [9.0, 18.0]


@pytest.mark.parametrize("pixels", [1, PART - 1, PART, PART + 1, 784])
def test_compressed_images_lose_nothing(pixels):
    generator = np.random.default_rng(pixels)
    images = (generator.integers(0, 256, (9, pixels)) * (generator.random((9, pixels)) < 0.3)).astype(np.uint8)
    images[3], images[4] = 0, 255
    found = compress(images)
    restored = np.zeros_like(images)
    for image in range(9):
        for part in range(found.parts):
            at = image * found.parts + part
            entries = slice(found.starts[at], found.starts[at + 1])
            assert (found.pixels[entries] // PART == part).all()
            assert found.values[entries].all()
            restored[image, found.pixels[entries]] = found.values[entries]
    assert np.array_equal(restored, images)


def test_states_begin_with_a_cache_line():
    for parameters, slots in ((1, 0), (101_770, 2), (4096, 3)):
        state = new_state(parameters, slots)
        assert state.shape[0] == 1 + slots and state.shape[1] >= parameters + 64
        assert all(row.ctypes.data % 64 == 0 for row in state)


PLANS = {
    "dense": Plan((1, 40), 0, (40, 20, 3), ("relu",), (0.0, 0.5)),
    "cnn": Plan((5, 8), 4, (3 * 4, 20, 3), ("relu",), (0.25, 0.5)),
}


@pytest.mark.thin(2)
@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_four_threads_give_what_one_gives(plan):
    generator = np.random.default_rng(0)
    data = training.examples(generator.integers(0, 256, (60, 40)).astype(np.uint8), generator.integers(0, 3, 60))
    setting = SETTINGS["no state"]
    update = training.update_address(setting.formula)
    net, count = layout(plan), plan.parameters

    def run(seed):
        state = new_state(count, 0)
        state[0, :count] = np.random.default_rng(seed).normal(size=count)
        table, hyper = np.zeros((1, 0, 60), np.float32), np.full((1, 1), 0.01, np.float32)
        losses, room, steps = np.zeros(60), workspace(plan, 1), range(60)
        training.train(update, state, hyper, table, net, data, np.arange(60), seed, 1, steps, room, losses)
        return state.tobytes(), losses.tobytes()

    alone = [run(seed) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(8))) == alone


def test_what_is_dropped_is_that_of_plain_python():
    """A bit for each unit, also across the blocks in which the kernel asks for them."""

    @numba.njit
    def words(key, step, layer, count):
        first, second = dropout.keys(key, step, layer)
        limit = dropout.threshold(np.float32(0.3))
        found = np.zeros(count, np.uint8)
        for unit in range(0, count, 16):
            bits = dropout.kept(first, second, unit, limit, 16)
            for place in range(16):
                found[unit + place] = bits >> np.uint64(place) & np.uint64(1)
        return found

    for key, step, layer in ((0, 0, 0), (2**64 - 1, 937, 2), (12345, 1, 1)):
        slow = reference.words(key, step, layer, 160) >= int(np.float32(0.3) * 2.0**32)
        assert np.array_equal(words(np.uint64(key), step, layer, 160), slow)


PROGRAM = """
import numpy as np
from optviz.kernels import training
from optviz.networks import Dense, Network
from optviz.runs.networks.training import train

network = Network("convex", "Convex", lambda shape, classes: [Dense(classes)])
(run,) = train("./data", network, ["sgd"], epochs=1).runs
templates = (training.train_network, training.evaluate_network)
stats = [training._kernel(template, False).stats for template in templates]
print(run.epochs[0]["train_loss"], *(sum(s.cache_hits.values()) for s in stats))
"""


@pytest.mark.slow
def test_the_next_process_compiles_nothing(tmp_path):
    from tests.datasets.files import blobs, write

    # It imports a copy, since an edit of the package between two processes is a reason to miss.
    package = Path(training.__file__).parents[1]
    shutil.copytree(package, tmp_path / "optviz", ignore=shutil.ignore_patterns("*.gz", "__pycache__"))
    write(tmp_path / "data", blobs())
    environment = os.environ | {"OPTVIZ_CACHE_DIR": str(tmp_path / "cache")}
    said = []
    for _ in range(2):
        program = [sys.executable, "-W", "error", "-c", PROGRAM]
        done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.split())
    assert [line[1:] for line in said] == [["0", "0"], ["1", "1"]]
    assert said[0][0] == said[1][0]
