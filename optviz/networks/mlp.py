"""The multilayer perceptron: one hidden layer."""

from optviz.networks import Dense, ReLU, network


@network(
    title="MLP",
    formula="784 pixels → 128 ReLU → 10 logits",
    reference=(
        "Rumelhart, Hinton & Williams 1986, Nature 323, 533-536; "
        "ReLU: Glorot, Bordes & Bengio 2011, PMLR 15, 315-323, section 3"
    ),
)
def mlp(pixels, classes):
    """A hidden layer of 128 units: the smallest network that reads handwritten digits well.

    On MNIST it has 101,770 parameters and errs on about 2 % of the test images. It is the first network of the Keras
    and TensorFlow tutorials, here without dropout.
    """
    return Dense(pixels, 128), ReLU(), Dense(128, classes)
