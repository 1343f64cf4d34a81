"""The passes of a network of dense layers: its outputs, its loss, and the gradient of that."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Activation(NamedTuple):
    """What a hidden layer does with its sums ``z``, and what its results ``h`` make of a gradient; both in place."""

    apply: Callable[[np.ndarray], Any]
    pull_back: Callable[[np.ndarray, np.ndarray], Any]


class Link(NamedTuple):
    """What becomes of a network's last sums, and the loss of each sample, whose gradient is outputs minus targets."""

    outputs: Callable[[np.ndarray], np.ndarray]
    losses: Callable[[np.ndarray, np.ndarray], np.ndarray]


def _expit(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)) without overflow."""
    half = np.multiply(z, 0.5)
    np.tanh(half, out=half)
    half += 1
    half *= 0.5
    return half


def _softmax(z: np.ndarray) -> np.ndarray:
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def _cross_entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    shifted = z - z.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - np.einsum("ij,ij->i", shifted, y)


def _tanh_back(h: np.ndarray, slope: np.ndarray) -> None:
    slope *= 1 - h * h


def _logistic_back(h: np.ndarray, slope: np.ndarray) -> None:
    slope *= h * (1 - h)


def _logistic(z: np.ndarray) -> None:
    z[...] = _expit(z)


ACTIVATIONS = {
    "identity": Activation(lambda z: None, lambda h, slope: None),
    "logistic": Activation(_logistic, _logistic_back),
    "tanh": Activation(lambda z: np.tanh(z, out=z), _tanh_back),
    "relu": Activation(lambda z: np.maximum(z, 0, out=z), lambda h, slope: np.multiply(slope, h > 0, out=slope)),
}
LINKS = {
    "softmax": Link(_softmax, _cross_entropy),
    "logistic": Link(_expit, lambda z, y: (np.logaddexp(0, z) - y * z).sum(axis=1)),
    "identity": Link(lambda z: z, lambda z, y: 0.5 * np.square(z - y).sum(axis=1)),
}


class Network(NamedTuple):
    """Layers of weights (inputs, outputs) and biases (outputs,), one after the other.

    Attributes
    ----------
    activation : str
        One of `ACTIVATIONS`.
    link : str
        One of `LINKS`.
    alpha : float
        Half of it times the squares of all weights is added to the sum of the losses.
    """

    activation: str
    link: str
    alpha: float

    def outputs(self, x: Any, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> np.ndarray:
        """(n, outputs): probabilities, or numbers as they are.

        Parameters
        ----------
        x : (n, inputs) array, or a sparse matrix
        weights, biases : sequence of arrays
        """
        return LINKS[self.link].outputs(self._layers(x, weights, biases)[-1])

    def slope(
        self,
        x: Any,
        y: np.ndarray,
        shares: np.ndarray | None,
        weights: Sequence[np.ndarray],
        biases: Sequence[np.ndarray],
    ) -> tuple[float, list[np.ndarray]]:
        """The mean loss of a batch, and its gradients with respect to all weights and then all biases.

        Parameters
        ----------
        x : (n, inputs) array, or a sparse matrix
        y : (n, outputs) array
        shares : (n,) array or None
            The weight of each sample, of which one at least is not 0.
        weights, biases : sequence of arrays
        """
        layers, link = self._layers(x, weights, biases), LINKS[self.link]
        whole = y.dtype.type(len(y) if shares is None else shares.sum())
        losses, slope = link.losses(layers[-1], y), link.outputs(layers[-1]) - y
        if shares is not None:
            slope *= shares[:, None]
        loss = float(losses.sum() if shares is None else losses @ shares)
        loss += 0.5 * self.alpha * sum(float(np.vdot(each, each)) for each in weights)
        slope /= whole
        of_weights: list[Any] = [None] * len(weights)
        of_biases: list[Any] = [None] * len(weights)
        decay = y.dtype.type(self.alpha) / whole
        for k in range(len(weights) - 1, -1, -1):
            of_weights[k] = layers[k].T @ slope
            of_weights[k] += decay * weights[k]
            of_biases[k] = slope.sum(axis=0)
            if k:
                slope = slope @ weights[k].T
                ACTIVATIONS[self.activation].pull_back(layers[k], slope)
        return loss / float(whole), [*of_weights, *of_biases]

    def _layers(self, x: Any, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> list[Any]:
        """The inputs, what each hidden layer gives, and the sums of the last one."""
        layers = [x]
        for k, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            sums = layers[-1] @ weight
            sums += bias
            if k < len(weights) - 1:
                ACTIVATIONS[self.activation].apply(sums)
            layers.append(sums)
        return layers
