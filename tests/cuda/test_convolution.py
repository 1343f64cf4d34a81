"""The front of a convolutional network on CUDA, against plain NumPy and the CPU's kernels."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels.buffers import layout, new_state, workspace
from optviz.kernels.cuda import backend, convolution, dropout
from optviz.kernels.cuda.backend import cuda
from optviz.kernels.cuda.clock import clock
from optviz.kernels.training import examples, train, update_address
from tests.networks import reference
from tests.networks.test_gradients import KEY, RECORD, convolutional, problem

pytestmark = pytest.mark.slow

# Plan, images of a batch, filters that a block computes at most.
CASES = {
    "the smallest image": (convolutional((4, 4), 1, (2,)), 3, 32),
    "odd last row and column": (convolutional((5, 7), 3, (2,), (0.3,)), 3, 32),
    "several strips": (convolutional((20, 4), 2, (3,), (0.3,)), 2, 32),
    "threads left over": (convolutional((8, 7), 5, (3,)), 2, 32),
    "more cells than threads": (convolutional((6, 20), 4, (3,), (0.5,)), 2, 32),
    "more filters than a block has": (convolutional((6, 5), 5, (2,), (0.3,)), 2, 2),
}
THREADS = 32  # of a simulated block
STEP = 2
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}

every_case = pytest.mark.parametrize("case", CASES)


def front(case, dtype, monkeypatch):
    """A front with room for one more image than it is given."""
    plan, batch, filters = CASES[case]
    monkeypatch.setattr(convolution, "WARP", filters)
    if backend.SIMULATED:
        monkeypatch.setattr(convolution, "THREADS", THREADS)
    return convolution.Front(plan, batch + 1, dtype), plan, batch


def run(front, plan, parameters, images, chosen, deltas_of, *, rate=None, dtype=np.float64):
    """The inputs of the first dense layer, and the gradient of the front for the deltas of these.

    `deltas_of` makes the deltas of the inputs. Behind what may be written there are sevens.
    """
    rate, count = plan.dropout[0] if rate is None else rate, len(chosen)
    out, gradient = np.full((count + 1, plan.sizes[0]), 7, dtype), np.full(plan.front + 1, 7, dtype)
    # Those of the steps before are other images.
    pixels, order = backend.put(images), backend.put(np.append(np.zeros(STEP * count, np.int64), chosen))
    now = backend.put(clock(1, count, 0, KEY)), np.uint64(STEP - 1), count
    outputs, found = backend.put(out), backend.put(gradient)
    flat = backend.put(parameters.astype(dtype))
    front.forward(flat, pixels, order, *now, rate, outputs)
    out = backend.get(outputs)
    deltas = backend.put(deltas_of(out[:count]).astype(dtype))
    front.backward(pixels, order, *now, rate, outputs, deltas, found)
    gradient = backend.get(found)
    assert (out[count] == 7).all() and gradient[plan.front] == 7
    return out[:count], gradient[: plan.front]


def logit_deltas(logits, labels):
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(labels)), labels] -= 1
    return shares / len(labels)


def expected(parameters, plan, images, labels, kept):
    """What `run` gives, from plain NumPy, and the deltas of the inputs; the network has one dense layer."""
    found = reference.forward(parameters, plan, images / 255, kept)
    weights = reference.views(parameters, plan)[1][0]
    deltas = logit_deltas(found["outputs"][-1], labels) @ weights.T
    gradient = reference.gradient(parameters, plan, images / 255, labels, kept)
    return found["inputs"][0], gradient[: plan.front], deltas


def assert_close(found, slow, tolerance):
    assert np.abs(found - slow).max() <= tolerance * np.abs(slow).max()


@every_case
def test_agrees_with_plain_numpy(case, dtype, monkeypatch):
    device, plan, batch = front(case, dtype, monkeypatch)
    parameters, images, labels = problem(plan, 7)
    exact = parameters.astype(dtype).astype(np.float64)
    chosen = np.random.default_rng(1).permutation(7)[: 2 * batch]
    for first, behind in ((0, batch), (batch, len(chosen))):  # the second batch is the smaller where it can be
        of_batch = chosen[first:behind]
        kept = reference.masks(plan, KEY, STEP, len(of_batch))
        inputs, gradient, deltas = expected(exact, plan, images[of_batch], labels[of_batch], kept)
        found = run(device, plan, exact, images, of_batch, lambda _, d=deltas: d, dtype=dtype)
        assert_close(found[0], inputs, TOLERANCE[dtype])
        assert np.array_equal(found[0] == 0, inputs == 0)
        assert_close(found[1], gradient, TOLERANCE[dtype])


def on_the_cpu(plan, parameters, images, labels):
    """The inputs of the first dense layer, and the gradient of the front, from the CPU's kernel."""
    batch, net = len(images), layout(plan)
    state, room = new_state(plan.parameters, 1), workspace(plan, batch)
    state[0, : plan.parameters] = parameters
    table, order = np.zeros((1, 0, STEP + 1), np.float32), np.tile(np.arange(batch), STEP + 1)
    data, hyper, losses = examples(images, labels), np.zeros((0, 1), np.float32), np.zeros(STEP + 1)
    steps = range(STEP, STEP + 1)
    train(update_address(RECORD), state, hyper, table, net, data, order, KEY, batch, steps, room, losses)
    inputs, listed = np.zeros((batch, plan.sizes[0]), np.float32), room.pooling
    parts = net.cells * listed.winners.shape[2]
    for i in range(batch):
        entries = slice(listed.starts[i * parts], listed.starts[(i + 1) * parts])
        inputs[i, listed.units[entries]] = listed.shown[entries]
    return inputs, state[1, : plan.front]


@every_case
def test_agrees_with_the_cpu(case, monkeypatch):
    device, plan, batch = front(case, np.float32, monkeypatch)
    parameters, images, labels = problem(plan, batch)
    inputs, gradient = on_the_cpu(plan, parameters, images, labels)
    kept = reference.masks(plan, KEY, STEP, batch)
    deltas = expected(parameters, plan, images, labels, kept)[2]
    found = run(device, plan, parameters, images, range(batch), lambda _: deltas, dtype=np.float32)
    assert_close(found[0], inputs, 1e-6)
    assert_close(found[1], gradient, 1e-5)


def test_nothing_is_dropped_in_tests(dtype, monkeypatch):
    device, plan, batch = front("odd last row and column", dtype, monkeypatch)
    parameters, images, labels = problem(plan, batch)
    inputs = expected(parameters, plan, images, labels, None)[0]
    found = run(device, plan, parameters, images, range(batch), np.zeros_like, rate=0, dtype=dtype)
    assert_close(found[0], inputs, TOLERANCE[dtype])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("tap", [4, 9], ids=["weight", "bias"])
def test_what_is_not_finite_goes_where_it_goes_on_the_cpu(tap, value, monkeypatch):
    device, plan, batch = front("several strips", np.float32, monkeypatch)
    parameters, images, labels = problem(plan, batch)
    images.reshape(batch, *plan.shape)[:, 6:12] = 0  # dark cells, which the weights cannot reach
    parameters[tap * plan.filters] = value
    inputs, _ = on_the_cpu(plan, parameters, images, labels)
    found = run(device, plan, parameters, images, range(batch), np.ones_like, dtype=np.float32)
    assert not np.isfinite(inputs).all() and np.isfinite(inputs[:, 1 :: plan.filters]).all()
    np.testing.assert_allclose(found[0], inputs, rtol=1e-5)
    shape = (convolution.SUMS, plan.filters)
    assert np.isfinite(found[1].reshape(shape)).all()  # of deltas that are finite


def test_nan_in_the_deltas_stays_with_its_filter(dtype, monkeypatch):
    device, plan, batch = front("odd last row and column", dtype, monkeypatch)
    parameters, images, _ = problem(plan, batch)

    def deltas(outputs):
        found = np.ones_like(outputs)
        found[outputs == 0] = np.nan  # what is not passed on is not passed back
        found[0, np.flatnonzero(outputs[0, :: plan.filters])[0] * plan.filters] = np.nan
        return found

    gradient = run(device, plan, parameters, images, range(batch), deltas, dtype=dtype)[1]
    gradient = gradient.reshape(convolution.SUMS, plan.filters)
    assert np.isnan(gradient[:, 0]).all() and np.isfinite(gradient[:, 1:]).all()


def test_the_first_of_equal_places_wins(dtype, monkeypatch):
    """Whole numbers, so that sums are exact and many are equal."""
    device, plan, batch = front("several strips", dtype, monkeypatch)
    generator = np.random.default_rng(3)
    parameters = generator.integers(-1, 3, plan.parameters).astype(np.float64)
    images = (255 * (generator.random((batch, plan.shape[0] * plan.shape[1])) < 0.4)).astype(np.uint8)
    cells = reference.pooled(images.reshape(-1, *plan.shape) / 255, *reference.views(parameters, plan)[0])
    whole = generator.integers(1, 9, cells[0].shape).astype(np.float64)
    slow = np.zeros((3, 3, plan.filters))
    for (i, row, column, c), winner in np.ndenumerate(cells[1]):
        if cells[0][i, row, column, c] > 0:
            y, x = 2 * row + winner // 2, 2 * column + winner % 2
            slow[..., c] += whole[i, row, column, c] * images[i].reshape(plan.shape)[y : y + 3, x : x + 3] / 255
    found = run(device, plan, parameters, images, range(batch), lambda _: whole.reshape(batch, -1), rate=0, dtype=dtype)
    assert np.array_equal(found[0], cells[0].reshape(batch, -1))
    assert np.array_equal(found[1][: slow.size], slow.reshape(-1))


def test_dark_images(dtype, monkeypatch):
    device, plan, batch = front("odd last row and column", dtype, monkeypatch)
    parameters, images, _ = problem(plan, batch)
    bias = reference.views(parameters, plan)[0][1]
    bias[:] = 0.5, 0, -0.5
    outputs, gradient = run(device, plan, parameters, 0 * images, range(batch), np.ones_like, rate=0, dtype=dtype)
    assert (outputs.reshape(-1, plan.filters) == np.maximum(bias, 0)).all()
    assert not gradient[: 9 * plan.filters].any()
    assert gradient[9 * plan.filters :].tolist() == [outputs.size / plan.filters, 0, 0]


def test_runs_are_repeated_bit_for_bit(dtype, monkeypatch):
    device, plan, batch = front("several strips", dtype, monkeypatch)
    parameters, images, _ = problem(plan, batch)
    one, two = (run(device, plan, parameters, images, range(batch), np.sqrt, dtype=dtype) for _ in range(2))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, two, strict=True))


def test_images_that_are_too_wide_are_refused(dtype):
    most = convolution.ROOM // (4 * np.dtype(dtype).itemsize)
    with pytest.raises(UsageError, match=f"images {most + 1:,} pixels wide"):
        convolution.Front(convolutional((4, most + 1), 1, (2,)), 1, dtype)
    convolution.Front(convolutional((4, most), 1, (2,)), 1, dtype)


STAYS, KEYS = dropout.stays, dropout.keys


def words(key, step, layer, limit, out):
    i = cuda.grid(1)
    one, two = KEYS(key, step, layer)
    out[i] = STAYS(one, two, i, limit)


@pytest.mark.parametrize("place", [(0, 0, 0), (2**64 - 1, 937, 2), (12345, 1, 1)], ids=str)
def test_what_is_dropped_is_that_of_plain_python(place):
    out = backend.put(np.zeros(64, np.uint8))
    key, step, layer = place
    backend.launch(backend.specialise(words, "", ""), 2, 32, np.uint64(key), step, layer, dropout.threshold(0.3), out)
    slow = reference.words(*place, 64) >= int(np.float32(0.3) * 2.0**32)
    assert np.array_equal(backend.get(out), slow)
