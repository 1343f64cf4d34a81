"""A test function sampled for a picture."""

import numpy as np

from optviz.functions import REGISTRY, Function
from optviz.kernels.grid import grid_kernel
from optviz.results import Landscape


def landscape(function: str | Function, resolution: int = 488) -> Landscape:
    """Sample a test function over its view.

    Parameters
    ----------
    function : str or Function
    resolution : int
        Cells per side.

    Returns
    -------
    Landscape
        ``values`` is (resolution, resolution) float64, at the cells' centres.

    Raises
    ------
    UnknownNameError
        If the function is not registered.
    """
    unit = function if isinstance(function, Function) else REGISTRY[function]
    values = np.empty((resolution, resolution))
    centres = (np.arange(resolution) + 0.5) / resolution
    x, y = (low + (high - low) * centres for low, high in unit.view)
    grid_kernel(unit)(x, y, values)
    return Landscape(
        function=unit.name,
        title=unit.title,
        formula=unit.formula,
        bounds=unit.bounds,
        view=unit.view,
        values=values,
        minimizers=np.array(unit.minimizers, float).reshape(-1, 2),
        local_minimizers=np.array(unit.local_minimizers, float).reshape(-1, 2),
        minimum=unit.minimum,
    )
