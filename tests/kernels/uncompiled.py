"""Compiled functions turned back into the plain Python that they were made of."""

from types import CellType, FunctionType


def plain(thing):
    """A compiled function, and all that it calls, as the plain Python that it was made of."""
    if not hasattr(thing, "py_func"):
        return thing
    function = thing.py_func
    names = {
        name: plain(function.__globals__[name]) for name in function.__code__.co_names if name in function.__globals__
    }
    cells = tuple(CellType(plain(cell.cell_contents)) for cell in function.__closure__ or ())
    return FunctionType(function.__code__, function.__globals__ | names, closure=cells or None)
