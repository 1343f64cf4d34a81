"""Blocks of a few threads for the kernels that train dense layers: in the simulator time goes by threads.

What the kernels give depends neither on the threads nor on the tiles; `test_products.py` has those of real blocks.
"""

from optviz.kernels.cuda import backend, convolution, fleet, network_sums, passes, training, value
from optviz.kernels.cuda.products import Shape, Tiling

THREADS = 8
TILING = Tiling(Shape(16, 16, 16, 4, 4), Shape(16, 8, 16, 4, 2))


def shrink(monkeypatch) -> None:
    """Use few threads in the simulator; on a device those that are made for it."""
    if backend.SIMULATED:
        monkeypatch.setattr(passes, "THREADS", THREADS)
        monkeypatch.setattr(training, "THREADS", THREADS)
        monkeypatch.setattr(network_sums, "THREADS", THREADS)
        monkeypatch.setattr(value, "THREADS", THREADS)
        monkeypatch.setattr(convolution, "THREADS", 4 * THREADS)
        monkeypatch.setattr(passes, "SMALL", TILING)
        monkeypatch.setattr(fleet, "LARGE", TILING)
