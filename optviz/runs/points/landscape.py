"""A test function sampled for a picture."""

import contextlib

import numpy as np

from optviz.errors import FormulaError
from optviz.functions import Bounds, Function
from optviz.kernels.tile import function_values
from optviz.results.parts import Landscape, centres
from optviz.runs.points.subject import plane_function


def landscape(
    function: str | Function, resolution: int | tuple[int, int] = 488, region: Bounds | None = None
) -> Landscape:
    """Sample a test function over a region.

    Parameters
    ----------
    function : str, Function or Python function
        Of two variables, see `optviz.minimize`.
    resolution : int or (nx, ny)
        Cells.
    region : ((x0, x1), (y0, y1)), optional
        By default the function's view.

    Returns
    -------
    Landscape
        ``view`` is the region, ``values`` is (ny, nx) float64, at the cells' centres.

    Raises
    ------
    UnknownNameError
        If the function is not registered.
    """
    unit = plane_function(function)
    nx, ny = resolution if isinstance(resolution, tuple) else (resolution, resolution)
    view = region or unit.view
    points = np.stack(np.meshgrid(centres(view[0], nx), centres(view[1], ny)), axis=-1)
    return Landscape(
        function=unit.name,
        title=unit.title,
        formula=unit.formula,
        bounds=unit.bounds,
        view=view,
        values=function_values(unit, points.reshape(-1, 2)).reshape(ny, nx),
        minimizers=np.array(unit.minimizers, float).reshape(-1, 2),
        local_minimizers=np.array(unit.local_minimizers, float).reshape(-1, 2),
        minimum=unit.minimum,
        searched=unit.searched,
        hessians=hessians(unit),
        typed=unit.typed,
    )


def hessians(function: Function) -> np.ndarray:
    """(k, 3) float64: the second derivatives at the minimizers and further minima; NaN where there are none."""
    points = [*function.minimizers, *function.local_minimizers]
    result = np.full((len(points), 3), np.nan)
    for row, point in zip(result, points, strict=True):
        with contextlib.suppress(ArithmeticError, ValueError, FormulaError):
            if not function.uncompiled:
                row[:] = function.hessian(*point)
    return result
