"""A test function sampled for a picture."""

import numpy as np

from optviz.functions import REGISTRY, Function
from optviz.kernels.grid import grid_kernel
from optviz.results import Landscape


def find(function: str | Function) -> Function:
    """The test function of that name, or the function itself."""
    return function if isinstance(function, Function) else REGISTRY[function]


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
    function = find(function)
    centres = (np.arange(resolution) + 0.5) / resolution
    x, y = (low + (high - low) * centres for low, high in function.view)
    return Landscape(
        function=function.name,
        title=function.title,
        formula=function.formula,
        bounds=function.bounds,
        view=function.view,
        values=grid_kernel(function)(x, y),
        minimizers=np.array(function.minimizers, float).reshape(-1, 2),
        local_minimizers=np.array(function.local_minimizers, float).reshape(-1, 2),
        minimum=function.minimum,
    )
