"""The noise of minibatches: a finite sum of functions, seen a batch at a time."""

from math import inf

from optviz.noise import noise


@noise(
    title="Minibatch",
    equation="g + sigma mean of a batch, of N fixed samples ~ N(0, 1)",
    ranges={"samples": (1, 100_000), "batch": (1, 100_000), "sigma": (0, inf)},
    whole=("samples", "batch"),
    reference="Schneider, Balles & Hennig 2019, DeepOBS, arXiv:1903.05499, the two-dimensional test problems",
)
def minibatch(g, mean, samples, batch, sigma=1.0):
    """The objective is the mean of f(x) + sigma s·x over fixed samples s; a step sees the mean over a batch of them.

    Every epoch shuffles the samples and goes through them once; what is left over after the last whole batch is
    dropped. Within an epoch the errors of the batches cancel, which independent noise never does. DeepOBS takes
    10,000 samples in batches of 128.
    """
    return g + sigma * mean
