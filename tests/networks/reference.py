"""A network in plain NumPy: slow, obvious, in any precision."""

import numpy as np

from optviz.networks import Plan, views

FUNCTIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}
DERIVATIVES = {  # from what the function gives
    "relu": lambda y: (y > 0).astype(y.dtype),
    "tanh": lambda y: 1 - y**2,
    "sigmoid": lambda y: y * (1 - y),
}


def words(key: int, step: int, layer: int, count: int) -> np.ndarray:
    """The 32 random bits of the units of a layer in a step, image after image, in whole numbers of Python."""
    ones = (1 << 64) - 1
    z = (key + (step * 64 + layer + 1) * 0x9E3779B97F4A7C15) & ones
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & ones
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & ones
    z ^= z >> 31
    first, second = z & 0xFFFFFFFF, z >> 32
    found = []
    for unit in range(count):
        x = first ^ unit
        x = (x ^ (x >> 16)) * 0x7FEB352D & 0xFFFFFFFF
        x = (x ^ (x >> 15)) + second & 0xFFFFFFFF
        x = x * 0x846CA68B & 0xFFFFFFFF
        found.append(x ^ (x >> 16))
    return np.array(found, np.int64)


def masks(plan: Plan, key: int, step: int, images: int) -> list[np.ndarray]:
    """What the inputs of each dense layer are multiplied by in training: 0 where they are dropped."""
    found = []
    for layer, (units, rate) in enumerate(zip(plan.sizes[:-1], plan.dropout, strict=True)):
        if rate:
            kept = words(key, step, layer, images * units).reshape(images, units) >= int(np.float32(rate) * 2.0**32)
        else:
            kept = np.ones((images, units), bool)
        found.append(kept / (1 - float(np.float32(rate))))
    return found


def forward(parameters: np.ndarray, plan: Plan, images: np.ndarray, kept: list | None = None) -> dict[str, list]:
    """What every layer takes and gives; ``images`` are (n, pixels), 0 to 1; `kept` as `masks` gives it."""
    layers = views(parameters, plan)
    kept = kept or [1.0] * (len(plan.sizes) - 1)
    found: dict[str, list] = {"inputs": [], "outputs": []}
    x = images
    if plan.filters:
        (weights, bias), *layers = layers
        x, found["winners"] = pooled(images.reshape(-1, *plan.shape), weights, bias)
        x = x.reshape(len(images), -1)
    found["pooled"] = [x]
    for layer, (weights, bias) in enumerate(layers):
        x = x * kept[layer]
        found["inputs"].append(x)
        x = x @ weights + bias
        if layer < len(plan.activations):
            x = FUNCTIONS[plan.activations[layer]](x)
        found["outputs"].append(x)
    return found


def pooled(images: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Convolution, ReLU, pooling: (n, rows, columns, filters), and which of the four places each value comes from."""
    n, height, width = images.shape
    sums = np.zeros((n, height - 2, width - 2, len(bias)), weights.dtype) + bias
    for line in range(3):
        for column in range(3):
            part = images[:, line : line + height - 2, column : column + width - 2, None]
            sums += part * weights[line * 3 + column]
    rows, columns = (height - 2) // 2, (width - 2) // 2
    cells = sums[:, : 2 * rows, : 2 * columns].reshape(n, rows, 2, columns, 2, -1).transpose(0, 1, 3, 2, 4, 5)
    cells = cells.reshape(n, rows, columns, 4, -1)
    return np.maximum(cells.max(axis=3), 0), cells.argmax(axis=3)


def loss(parameters: np.ndarray, plan: Plan, images: np.ndarray, labels: np.ndarray, kept: list | None = None) -> float:
    """The mean cross-entropy."""
    logits = forward(parameters, plan, images, kept)["outputs"][-1]
    logits = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


def gradient(
    parameters: np.ndarray, plan: Plan, images: np.ndarray, labels: np.ndarray, kept: list | None = None
) -> np.ndarray:
    """The gradient of the mean cross-entropy, a flat vector as the parameters."""
    found = forward(parameters, plan, images, kept)
    logits = found["outputs"][-1]
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    deltas = shifted / shifted.sum(axis=1, keepdims=True)
    deltas[np.arange(len(labels)), labels] -= 1
    deltas /= len(labels)
    result = np.zeros_like(parameters)
    own, weights_of = views(result, plan), views(parameters, plan)
    front = 1 if plan.filters else 0
    for layer in reversed(range(len(plan.sizes) - 1)):
        weights, bias = own[layer + front]
        weights[...] = found["inputs"][layer].T @ deltas
        bias[...] = deltas.sum(axis=0)
        deltas = deltas @ weights_of[layer + front][0].T
        if kept is not None:
            deltas = deltas * kept[layer]
        if layer:
            deltas = deltas * DERIVATIVES[plan.activations[layer - 1]](found["outputs"][layer - 1])
    if plan.filters:
        deltas = (deltas * (found["pooled"][0] > 0)).reshape(found["winners"].shape)
        stacked = images.reshape(-1, *plan.shape)
        weights, bias = own[0]
        for (i, row, column, c), winner in np.ndenumerate(found["winners"]):
            y, x = 2 * row + winner // 2, 2 * column + winner % 2
            weights[:, c] += deltas[i, row, column, c] * stacked[i, y : y + 3, x : x + 3].ravel()
            bias[c] += deltas[i, row, column, c]
    return result


def predictions(parameters: np.ndarray, plan: Plan, images: np.ndarray) -> np.ndarray:
    return forward(parameters, plan, images)["outputs"][-1].argmax(axis=1)
