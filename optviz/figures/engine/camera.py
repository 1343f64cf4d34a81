"""From where a surface is seen: a direction, and how high the block is that the surface is the top of.

The block stands over the unit square, which is the view of a function in shares of its sides, around the origin of the
camera's world. It is seen from afar, so that equal lengths look equal everywhere: an orthographic projection.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError

SLAB = 0.09  # of the width: how far the block reaches below its lowest level
VIEWS = ("2d", "3d")
LIMITS = {"azimuth": (-360.0, 360.0), "elevation": (10.0, 90.0), "height": (0.05, 2.0)}
REMEDY = (
    "Give azimuth (-360 to 360 degrees), elevation (10 to 90 degrees) and perhaps height (0.05 to 2 widths): -60,46,0.7"
)


@dataclass(frozen=True)
class Camera:
    """A direction, and a height.

    Attributes
    ----------
    azimuth, elevation : float
        Degrees: of the direction to the eye around the vertical, 0 from where x is largest and -90 from where y is
        least; and above the ground.
    height : float
        Of the highest level above the lowest, in widths of the block.
    """

    azimuth: float
    elevation: float
    height: float

    @property
    def right(self) -> np.ndarray:
        """(2,) float64: what points to the right on the page, on the ground."""
        turn = math.radians(self.azimuth)
        return np.array([-math.sin(turn), math.cos(turn)])

    @property
    def towards(self) -> np.ndarray:
        """(2,) float64: what points to the eye, on the ground."""
        turn = math.radians(self.azimuth)
        return np.array([math.cos(turn), math.sin(turn)])

    @property
    def rise(self) -> tuple[float, float]:
        """Sine and cosine of the elevation."""
        tilt = math.radians(self.elevation)
        return math.sin(tilt), math.cos(tilt)

    def seen(self, places: np.ndarray, level: np.ndarray | float) -> np.ndarray:
        """(..., 2) float64: where places of the unit square at a level are seen, rightwards and upwards, in widths."""
        sine, cosine = self.rise
        ground = np.asarray(places, float) - 0.5
        return np.stack(
            [ground @ self.right, self.height * np.asarray(level) * cosine - ground @ self.towards * sine], axis=-1
        )

    @property
    def base(self) -> float:
        """The level of the block's foot."""
        return -SLAB / self.height

    def turned(self, degrees: float) -> "Camera":
        """The camera further around the block."""
        return Camera(self.azimuth + degrees, self.elevation, self.height)


def checked_view(view: str, camera: Sequence[float] | None) -> bool:
    """Whether a view is of a solid surface.

    Raises
    ------
    UsageError
        If there is no such view, or there is a camera where nothing is seen in depth, or none that can be used.
    """
    if view not in VIEWS:
        raise UsageError(f"view is {view!r}", f"Choose from: {', '.join(VIEWS)}")
    if camera is not None:
        if view != "3d":
            raise UsageError("a camera is given, and the picture is a map", "Ask for the surface: view 3d")
        aimed(camera)
    return view == "3d"


def aimed(given: Sequence[float]) -> tuple[float, float, float | None]:
    """Azimuth, elevation and, where it is given, height, of two or three numbers.

    Raises
    ------
    UsageError
        If they are not two or three numbers, or not within `LIMITS`.
    """
    numbers = list(given) if not isinstance(given, str) and hasattr(given, "__len__") else []
    real = all(isinstance(n, int | float | np.number) and not isinstance(n, bool) for n in numbers)
    within = zip(numbers, LIMITS.values(), strict=False)
    if len(numbers) not in (2, 3) or not real or not all(low <= n <= high for n, (low, high) in within):
        shown = ",".join(map(str, numbers)) if numbers else repr(given)
        raise UsageError(f"the camera is {shown}", REMEDY)
    return float(numbers[0]), float(numbers[1]), float(numbers[2]) if len(numbers) == 3 else None
