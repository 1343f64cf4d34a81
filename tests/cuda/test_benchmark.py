"""The benchmark for a person with a GPU, in sizes that say nothing about speed."""

import pytest

from optviz.kernels import devices
from tests.benchmarks import bench_cuda
from tests.cuda.small import shrink

pytestmark = pytest.mark.slow

SIZES = {"rounds": 1, "calls": 1, "parameters": 12, "arrays": 2, "starts": 4, "steps": 2}
TINY = SIZES | {"images": 2, "tests": 1, "side": 2, "batch": 2, "hidden": 2, "fleet": 2, "small": 2}


def run(*arguments):
    bench_cuda.main([*arguments, *(f"--{name}={size}" for name, size in TINY.items())])


@pytest.mark.parametrize(
    ("arguments", "titles", "sides"),
    [
        (["update"], 3 * len(bench_cuda.RULES), ["optviz", bench_cuda.COPY]),
        (["batch"], 2, ["optviz, cuda", "optviz, cpu"]),
        (["training", "--networks", "mlp"], 1, ["optviz"]),
        (["fleet"], 1, ["all at once", "one after the other"]),
    ],
    ids=["update", "batch", "training", "fleet"],
)
def test_part(arguments, titles, sides, capsys, monkeypatch):
    shrink(monkeypatch)
    run(*arguments)
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith(f"{arguments[0]}, ")]) == titles
    for side in sides:
        told = [line for line in lines if line.startswith(f"  {side}  ") and line.endswith("x the first")]
        assert len(told) == titles


def test_what_torch_cannot_do_is_left_out(capsys):
    def broken():
        raise NotImplementedError("not here\nnor there")
        yield

    seconds = bench_cuda.turns({"optviz": iter([9.0, 1.0, 2.0]), "torch fused": broken()}, 2)
    assert seconds == {"optviz": [1, 2]}
    assert "left out: NotImplementedError: not here\n" in capsys.readouterr().out
    with pytest.raises(NotImplementedError):
        bench_cuda.turns({"optviz": broken()}, 1)


def test_without_a_gpu_it_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(devices, "missing", lambda: ("no GPU", "Do something."))
    with pytest.raises(SystemExit, match="^3$"):
        run()
    assert capsys.readouterr().err == "no GPU. Do something.\n"


def test_parts_are_known(capsys):
    with pytest.raises(SystemExit, match="^2$"):
        run("updat")
    assert "unknown part 'updat'" in capsys.readouterr().err
