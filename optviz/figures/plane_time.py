"""When an epoch is shown, and where a run is between two looks at its weights."""

import numpy as np

EARLY = 0.5  # epochs; time passes evenly before and like the logarithm after, since most happens in the first epoch


def shares(epochs: np.ndarray, last: float) -> np.ndarray:
    """When moments of a training are shown, as shares of the time from its start, 0, to its end, 1.

    Parameters
    ----------
    epochs : (n,) float64
    last : float
        The epoch that is shown at the end; above 0.
    """
    return np.log1p(np.asarray(epochs, float) / EARLY) / np.log1p(last / EARLY)


def moments(frames: int, last: float) -> np.ndarray:
    """The epoch, whole or in between, that each frame shows: (frames,) float64 from 0 to `last`."""
    epochs = EARLY * np.expm1(np.linspace(0, 1, frames) * np.log1p(last / EARLY))
    epochs[-1] = last
    return epochs


def between(knots: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values between those at the knots: smooth, and never beyond the two on either side.

    The monotone cubic interpolation of Fritsch & Butland 1984, "A method for constructing local monotone piecewise
    cubic interpolants", SIAM Journal on Scientific and Statistical Computing 5(2), 300-304.

    Parameters
    ----------
    knots : (k,) float64
        Ascending.
    values : (k, m) float64
    at : (n,) float64

    Returns
    -------
    (n, m) float64
        Exact at the knots; NaN behind the last one.
    """
    if len(knots) == 1:
        return np.where((at <= knots[0])[:, None], values[0], np.nan)
    width = np.diff(knots)[:, None]
    slope = np.diff(values, axis=0) / width
    tangent = np.zeros_like(values)
    tangent[0], tangent[-1] = slope[0], slope[-1]
    before, after = slope[:-1], slope[1:]
    near, far = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (near + far) / (near / before + far / after)
    tangent[1:-1] = np.where(before * after > 0, mean, 0.0)

    piece = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    h = width[piece]
    t = (at - knots[piece])[:, None] / h
    start = (1 + 2 * t) * (1 - t) ** 2 * values[piece] + t * (1 - t) ** 2 * h * tangent[piece]
    end = t**2 * (3 - 2 * t) * values[piece + 1] - t**2 * (1 - t) * h * tangent[piece + 1]
    inside = (at <= knots[-1] * (1 + 1e-12))[:, None]
    return np.where(inside, np.where(t >= 1, values[piece + 1], start + end), np.nan)
