"""Old names of the engine, until the last picture is drawn with it."""

from optviz.figures.engine.painter import Board, Canvas

__all__ = ["Board", "Canvas"]
