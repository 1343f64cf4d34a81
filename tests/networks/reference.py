"""A network of dense layers with ReLU between them in plain NumPy: slow, obvious, in any precision."""

from collections.abc import Sequence

import numpy as np

from optviz.networks import views


def forward(parameters: np.ndarray, sizes: Sequence[int], images: np.ndarray) -> list[np.ndarray]:
    """What each layer gives, the images first and the logits last."""
    outputs = [images]
    for layer, (weights, bias) in enumerate(views(parameters, sizes)):
        sums = outputs[-1] @ weights + bias
        outputs.append(sums if layer == len(sizes) - 2 else np.maximum(sums, 0))
    return outputs


def loss(parameters: np.ndarray, sizes: Sequence[int], images: np.ndarray, labels: np.ndarray) -> float:
    """The mean cross-entropy."""
    logits = forward(parameters, sizes, images)[-1]
    logits = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


def gradient(parameters: np.ndarray, sizes: Sequence[int], images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The gradient of the mean cross-entropy, a flat vector as the parameters."""
    outputs = forward(parameters, sizes, images)
    shifted = np.exp(outputs[-1] - outputs[-1].max(axis=1, keepdims=True))
    deltas = shifted / shifted.sum(axis=1, keepdims=True)
    deltas[np.arange(len(labels)), labels] -= 1
    deltas /= len(labels)
    result = np.zeros_like(parameters)
    for layer in reversed(range(len(sizes) - 1)):
        weights, bias = views(result, sizes)[layer]
        weights[...] = outputs[layer].T @ deltas
        bias[...] = deltas.sum(axis=0)
        deltas = (deltas @ views(parameters, sizes)[layer][0].T) * (outputs[layer] > 0)
    return result


def accuracy(parameters: np.ndarray, sizes: Sequence[int], images: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(forward(parameters, sizes, images)[-1].argmax(axis=1) == labels))
