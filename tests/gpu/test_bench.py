"""The benchmark on a card: in the simulator, in sizes that say nothing about speed, and what it makes of times."""

import time

import numpy as np
import pytest

import optviz
from optviz.kernels import devices
from tests.gpu import bench, bench_batch, bench_update, sides
from tests.gpu.report import Late, Wrong
from tests.gpu.test_check import simulated
from tests.ptx.model_tables import named_card


@pytest.fixture
def measuring(monkeypatch):
    monkeypatch.setattr(sides, "torch_here", lambda: None)
    return sides.Bench(named_card("H100"), sides.TINY._replace(rounds=2), time.monotonic() + 60)


def broken():
    raise NotImplementedError("not here\nnor there")
    yield


def compared(measuring, given, predicted=(), title="a title"):
    work = dict.fromkeys(given, 6.0)
    return list(measuring.whole(lambda own: own.compare(title, given, work, "things", dict(predicted), 1)))


def test_what_a_peer_cannot_do_is_left_out(measuring):
    lines = compared(measuring, {"optviz": iter([9.0, 1.0, 3.0]), "torch fused": broken()}, {"optviz": 1.0})
    assert "| optviz | 2,000 | 3.00 | 1.00 | 1,000 | 2.00 |" in lines[1]
    assert lines[-1] == "- torch fused is left out: NotImplementedError: not here"
    assert measuring.compared == [("a title: optviz", 2.0, 1.0)]


def test_what_we_cannot_do_fails_the_part(measuring):
    with pytest.raises(Wrong, match="failed: a title: optviz"):
        compared(measuring, {"optviz": broken(), "JAX": iter([9.0, 1.0, 2.0])})


def test_a_side_that_breaks_later_is_left_out(measuring):
    def breaking():
        yield 1.0
        raise MemoryError("full")

    seconds, absent = sides.turns({"optviz": iter([9.0, 1.0, 2.0]), "torch": breaking()}, 2, time.monotonic() + 60)
    assert seconds == {"optviz": [1.0, 2.0]} and absent == {"torch": "MemoryError: full"}


def test_rounds_end_with_the_time(measuring):
    seconds, absent = sides.turns({"optviz": iter([9.0, 1.0, 2.0]), "torch": iter([1.0])}, 2, time.monotonic() - 1)
    assert seconds == {"optviz": [1.0]} and absent == {"torch": "no time was left"}
    measuring.end = time.monotonic() - 1
    with pytest.raises(Late, match="no time was left for: a title"):
        compared(measuring, {"optviz": iter([1.0])})


def test_what_is_off_is_listed(measuring):
    measuring.compared = [sides.Compared(*one) for one in (("good", 1.0, 0.8), ("slow", 2.0, 1.0), ("fast", 1.0, 9.0))]
    text = "\n".join(bench.wrong(measuring))
    assert "3 measurements were predicted; 2 are off by more than 1.5 times." in text
    assert text.index("| fast |") < text.index("| slow |") and "good" not in text


def test_the_model_beside_an_update(measuring):
    measuring.sizes = sides.Sizes()
    large = bench_update.predicted(measuring, "adam", [1 << 25])
    assert large["optviz"] == pytest.approx((1 << 25) * 28 / 0.92 / 3350e9, rel=0.05)
    assert bench_update.predicted(measuring, "adam", [10])["optviz"] == pytest.approx(17e-6)


@pytest.mark.slow
def test_the_peers_compute_the_same():
    jax = pytest.importorskip("jax")
    places = np.random.default_rng(0).uniform(-2, 2, (5, 2))
    with jax.enable_x64(True):
        found = np.asarray(jax.jit(bench_batch.jax_loop(jax, 30))(places))
    expected = optviz.minimize_many("rosenbrock", "adam", places, 30, lr=bench_batch.LR)
    np.testing.assert_allclose(found, expected.points, rtol=1e-9)


def test_without_a_gpu_it_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(devices, "missing", lambda: ("no GPU", "Do something."))
    with pytest.raises(SystemExit, match="^3$"):
        bench.main([])
    assert capsys.readouterr().err == "no GPU. Do something.\n"


def test_parts_are_known(capsys):
    with pytest.raises(SystemExit, match="^2$"):
        bench.main(["updat"])
    assert "unknown part 'updat'" in capsys.readouterr().err


@pytest.mark.slow
def test_in_the_simulator(tmp_path):
    done = simulated("-m", "tests.gpu.bench", "-o", str(tmp_path / "report.md"), "--minutes", "12")
    text = (tmp_path / "report.md").read_text()
    assert done.returncode == 0 and "Warning" not in done.stderr, text + done.stderr
    assert text.count("| passed |") == len(bench.PARTS) + 2 and "Numba's simulator" in text
    titles = [line for line in text.splitlines() if line.startswith("### ")]
    assert len(titles) == 3 * len(bench_update.RULES) + 3 + 1 + 2 and "left out" not in text
