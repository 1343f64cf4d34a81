"""A small convolutional network, that of a widely repeated comparison of optimizers."""

from optviz.networks import Activation, Convolution, Dense, Dropout, MaxPool, network
from optviz.results.published import Published

# Validation accuracies after epochs 1, 5 and 10, one run each. The table's sixth row, "SGD with momentum" with .9697
# after epoch 10, is left out: it is SGD's result within noise, which a momentum of 0.9 would have left far behind.
PUBLISHED = Published(
    source="one published run each: Keras defaults, batch 64, validation on the 10,000 test images",
    dataset="mnist",
    defaults="keras",
    batch_size=64,
    epochs=(1, 5, 10),
    accuracies={
        "adadelta": (0.4612, 0.7776, 0.8375),
        "adagrad": (0.8411, 0.9133, 0.9286),
        "adam": (0.9772, 0.9884, 0.9908),
        "rmsprop": (0.9783, 0.9846, 0.9857),
        "sgd": (0.9124, 0.9569, 0.9693),
    },
)


@network(
    title="CNN",
    formula="pixels → 32 filters 3x3 ReLU → max pool 2x2 → dropout 0.25 → 256 ReLU → dropout 0.5 → logits",
    reference=(
        "LeCun, Bottou, Bengio & Haffner 1998, Proceedings of the IEEE 86(11), 2278-2324; "
        "max pooling: Ranzato et al. 2007, CVPR; dropout: Srivastava et al. 2014, JMLR 15, 1929-1958"
    ),
    published=PUBLISHED,
)
def cnn(shape, classes):
    """One convolution with pooling, one hidden layer, dropout behind both.

    On MNIST it has 1,387,594 parameters, nearly all of them between the pooled filters and the hidden layer, and errs
    on about 1 % of the test images. A published comparison of optimizers was made with it.
    """
    return (
        Convolution(32),
        Activation("relu"),
        MaxPool(),
        Dropout(0.25),
        Dense(256),
        Activation("relu"),
        Dropout(0.5),
        Dense(classes),
    )
