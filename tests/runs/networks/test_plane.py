"""The training plane: directions against a full decomposition, losses where they belong, every degenerate path."""

import itertools
import tracemalloc

import numpy as np
import pytest

from optviz.runs.networks.plane import Snapshots, plane, project


def paths(lengths, count, seed=0, scale=1.0):
    """Random walks of float32 weights from one start."""
    random = np.random.default_rng(seed)
    start = random.standard_normal(count)
    return [
        np.vstack([start, start + scale * random.standard_normal((k - 1, count)).cumsum(axis=0)]).astype(np.float32)
        for k in lengths
    ]


def planar(lengths, count, seed=1):
    """Paths in one plane, and the plane's two orthonormal directions."""
    random = np.random.default_rng(seed)
    basis = np.linalg.qr(random.standard_normal((count, 2)))[0].T
    start = random.standard_normal(count)
    flat = [np.vstack([np.zeros(2), random.standard_normal((k - 1, 2)).cumsum(axis=0)]) for k in lengths]
    return [(start + points @ basis).astype(np.float32) for points in flat], flat


def test_paths_in_a_plane_are_recovered():
    weights, flat = planar([5, 8, 3], 301)
    found = project(weights)
    assert found.held == pytest.approx(1, abs=1e-9)
    here, there = np.concatenate(found.points), np.concatenate(flat)
    for one, other in itertools.combinations(range(len(here)), 2):  # true distances, whatever the rotation
        assert np.hypot(*(here[one] - here[other])) == pytest.approx(np.hypot(*(there[one] - there[other])), abs=1e-5)
    for path, points, off in zip(weights, found.points, found.off, strict=True):
        np.testing.assert_allclose(points[0], 0, atol=1e-12)
        np.testing.assert_allclose(off, 0, atol=1e-4)
        for row, point in zip(path, points, strict=True):
            np.testing.assert_allclose(found.weights(point), row, atol=2e-6)


def test_directions_and_share_agree_with_a_decomposition_of_all_weights():
    weights = paths([6, 9, 4], 500)
    found = project(weights)
    every = np.concatenate(weights).astype(float)
    _, values, right = np.linalg.svd(every - every.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(np.sum(found.directions * right[:2], axis=1)), 1, atol=1e-6)
    assert found.held == pytest.approx((values[:2] ** 2).sum() / (values**2).sum(), rel=1e-9)
    moved = every - every[0]
    flat = moved @ right[:2].T
    np.testing.assert_allclose(np.abs(np.concatenate(found.points)), np.abs(flat), atol=1e-5)
    away = np.linalg.norm(moved - flat @ right[:2], axis=1)
    distance = np.linalg.norm(moved, axis=1)
    expected = np.divide(away, distance, out=np.zeros_like(away), where=distance > 0)
    np.testing.assert_allclose(np.concatenate(found.off), expected, atol=1e-6)


def test_directions_are_orthonormal_and_do_not_depend_on_the_blocks():
    weights = paths([6, 9, 4], 1000)
    found = project(weights)
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(2), atol=1e-6)
    for block in (1, 7, 999, 5000):
        other = project(weights, block)
        np.testing.assert_allclose(other.directions, found.directions, atol=1e-6)
        np.testing.assert_allclose(np.concatenate(other.points), np.concatenate(found.points), atol=1e-5)
        assert other.held == pytest.approx(found.held, rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_the_farthest_end_lies_right_and_above(seed):
    weights = paths([6, 9, 4], 50, seed)
    for order in itertools.permutations(range(3)):
        ends = np.array([points[-1] for points in project([weights[k] for k in order]).points])
        assert (ends[np.abs(ends).argmax(axis=0), [0, 1]] > 0).all()


def test_no_second_copy_of_the_weights_is_made():
    count = 100_000
    weights = paths([20, 20], count, scale=0.1)
    tracemalloc.start()
    project(weights, block=256)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * weights[0][0].nbytes == 0.1 * sum(path.nbytes for path in weights)


def test_a_run_that_blows_up_does_not_shape_the_plane():
    calm = paths([6, 6], 40)
    wild = np.vstack([calm[0][:1], calm[0][:1] + 1e15 * np.arange(1, 4)[:, None] * np.ones(40)]).astype(np.float32)
    alone, found = project([*calm, wild[:1]]), project([*calm, wild])
    np.testing.assert_allclose(np.concatenate(found.points[:2]), np.concatenate(alone.points[:2]), atol=1e-9)
    assert [path.all() for path in found.near] == [True, True, False] and found.near[2][0]
    assert np.isfinite(found.points[2]).all() and (found.off[2] <= 1).all()


DEGENERATE = {
    "one run": paths([6], 30),
    "two snapshots": paths([2], 30),
    "the start alone": paths([1], 30),
    "nothing moves": [np.ones((4, 30), np.float32)] * 2,
    "one of two moves": [np.ones((4, 30), np.float32), np.vstack([np.ones(30), 2 * np.ones(30)]).astype(np.float32)],
    "two equal runs": paths([5], 30) * 2,
    "one parameter": paths([3, 4], 1),
}


@pytest.mark.parametrize("weights", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_paths_have_a_plane(weights):
    found = project(weights)
    assert 0 < found.held <= 1
    assert [len(points) for points in found.points] == [len(path) for path in weights]
    for path, points, off in zip(weights, found.points, found.off, strict=True):
        distance = np.linalg.norm(path.astype(float) - path[0], axis=1)
        np.testing.assert_allclose(np.hypot(*points.T), distance * np.sqrt(1 - off**2), atol=1e-5)
    expected = np.eye(2) if len(weights[0][0]) > 1 else [[1, 0], [0, 0]]
    np.testing.assert_allclose(found.directions @ found.directions.T, expected, atol=1e-6)
    made = plane(
        [Snapshots("sgd", "SGD", np.arange(len(path)), path) for path in weights], 0, 1, lambda w, _: float(w[0])
    )
    assert np.isfinite(made.losses).all() and (np.diff(made.x) > 0).all() and (np.diff(made.y) > 0).all()


def bowl(weights, room=None):
    return float((weights.astype(float) ** 2).mean())


def runs(weights):
    return [Snapshots(f"o{k}", f"O{k}", np.arange(len(path)) / 2, path) for k, path in enumerate(weights)]


def test_losses_stand_where_their_weights_are():
    weights = paths([5, 7], 64)
    made, projection = plane(runs(weights), 4, 1000, bowl, resolution=9), project(weights)
    assert (made.seed, made.images, made.losses.shape) == (4, 1000, (9, 9))
    assert made.held == projection.held
    for (row, y), (column, x) in itertools.product(enumerate(made.y), enumerate(made.x)):
        assert made.losses[row, column] == pytest.approx(bowl(projection.weights((x, y))), rel=1e-6)
    for k, (path, own) in enumerate(zip(made.paths, weights, strict=True)):
        assert (path.optimizer, path.title) == (f"o{k}", f"O{k}")
        assert path.epochs.tolist() == (np.arange(len(own)) / 2).tolist()
        assert path.losses.tolist() == [bowl(row) for row in own]
        np.testing.assert_array_equal(path.points, projection.points[k])
        np.testing.assert_array_equal(path.off, projection.off[k])


def test_the_landscape_is_a_square_around_the_paths_with_room_on_every_side():
    made = plane(runs(paths([5, 7], 64)), 0, 1, bowl, resolution=12)
    step = made.x[1] - made.x[0]
    np.testing.assert_allclose(np.diff(made.x), step)
    np.testing.assert_allclose(np.diff(made.y), step)
    points = np.concatenate([path.points for path in made.paths])
    for axis, centres in enumerate((made.x, made.y)):
        side = 12 * step
        assert points[:, axis].min() - (centres[0] - step / 2) > 0.1 * side
        assert (centres[-1] + step / 2) - points[:, axis].max() > 0.1 * side


def test_threads_do_not_change_a_number_and_each_has_its_own_room():
    weights = paths([5, 7], 64)
    rooms = []

    def room():
        rooms.append([])
        return rooms[-1]

    def loss(weights, room):
        room.append(1)
        return bowl(weights)

    one = plane(runs(weights), 0, 1, bowl, resolution=7)
    three = plane(runs(weights), 0, 1, loss, resolution=7, threads=3, new_room=room)
    np.testing.assert_array_equal(one.losses, three.losses)
    assert len(rooms) == 3 and sum(map(len, rooms)) == 7 * 7 + 12


def test_looks_that_are_not_finite_are_left_out():
    weights = paths([5, 6, 4], 64)
    weights[0][3:] = np.nan
    weights[1][1:, 5] = np.inf
    made = plane(runs(weights), 0, 1, bowl, resolution=5)
    assert [len(path.points) for path in made.paths] == [3, 1, 4]
    assert [len(path.epochs) for path in made.paths] == [3, 1, 4]
    assert all(np.isfinite(path.points).all() for path in made.paths)


def test_losses_that_are_not_finite_are_infinite():
    made = plane(runs(paths([3], 8)), 0, 1, lambda weights, _: float("nan"), resolution=3)
    assert np.isposinf(made.losses).all() and np.isposinf(made.paths[0].losses).all()


def test_progress_counts_all_losses_and_may_interrupt():
    seen = []
    plane(runs(paths([3], 8)), 0, 1, bowl, resolution=4, progress=lambda *report: seen.append(report))
    assert seen[-1][:2] == (19, 19)

    def interrupt(done, total, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plane(runs(paths([3], 8)), 0, 1, bowl, resolution=4, progress=interrupt)
