"""What minibatches look like: the means that a run's steps see, drawn before it starts."""

import numpy as np

from optviz.noise import NoiseSetting

SAMPLE = 42  # the seed of the sample, the one of DeepOBS; a run's own seed only shuffles it


def batch_means(setting: NoiseSetting, steps: int, dimension: int, seed: int) -> np.ndarray:
    """The means of the minibatches of a run, in the order in which start 0 sees them.

    The sample is the same for every seed, as a data set is. Each epoch has a shuffle of its own; what is left over
    after its last whole batch is dropped. Start r sees at step t, counted from 1, the row
    ``epoch * batches + (place + r) % batches`` with ``epoch, place = divmod(t - 1, batches)``: every start sees every
    batch once in an epoch, ``batches`` of them each in an order of their own. More steps only add rows.

    Parameters
    ----------
    setting : NoiseSetting
    steps, dimension : int
    seed : int
        From 0 to 2**64 - 1.

    Returns
    -------
    (epochs * batches, dimension) float64
        Whole epochs, at least `steps` rows; a single zero, ``(1, 1)``, for a model that draws no means.
    """
    if "mean" not in setting.model.draws:
        return np.zeros((1, 1))
    samples, batch = (int(setting.parameters[name][0]) for name in ("samples", "batch"))
    batches = samples // batch
    vectors = _generator(SAMPLE, 0).standard_normal((samples, dimension))
    table = np.empty((-(-steps // batches), batches, dimension))
    for epoch, means in enumerate(table, 1):
        chosen = _generator(seed, epoch).permutation(samples)[: batches * batch]
        means[:] = vectors[chosen].reshape(batches, batch, dimension).mean(axis=1)
    return table.reshape(-1, dimension)


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.array([seed, stream], np.uint64)))
