"""The multilayer perceptron: dense layers with an activation between them."""

from optviz.networks import Activation, Dense, Dropout, network


@network(
    title="MLP",
    formula="pixels → 128 ReLU → logits",
    reference=(
        "Rumelhart, Hinton & Williams 1986, Nature 323, 533-536; "
        "ReLU: Glorot, Bordes & Bengio 2011, PMLR 15, 315-323, section 3; "
        "dropout: Srivastava et al. 2014, JMLR 15, 1929-1958"
    ),
)
def mlp(shape, classes, hidden=(128,), activation="relu", dropout=0.0):
    """Hidden layers of any sizes, by default one of 128 units: the smallest that reads handwritten digits well.

    On MNIST the default has 101,770 parameters and errs on about 2 % of the test images. It is the first network of the
    Keras and TensorFlow tutorials, here without dropout. Options: the sizes of the hidden layers, their activation
    (relu, tanh or sigmoid), and what share of their outputs is dropped in training.
    """
    layers = []
    for units in hidden:
        layers += [Dense(units), Activation(activation), Dropout(dropout)]
    return *layers, Dense(classes)
