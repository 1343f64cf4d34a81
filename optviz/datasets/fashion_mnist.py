"""Fashion-MNIST: 70,000 pictures of clothes, made to replace MNIST. Downloaded once, 31 MB."""

from optviz.datasets._dataset import Images, dataset
from optviz.datasets._download import Published
from optviz.datasets._published import load

MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
FILES = {
    "train": Published(
        "train-images-idx3-ubyte.gz",
        26_421_880,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "md5:f4a8712d7a061bf5bd6d2ca38dc4d50a",
    ),
    "train_labels": Published(
        "train-labels-idx1-ubyte.gz",
        29_515,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "md5:9018921c3c673c538a1fc5bad174d6f9",
    ),
    "test": Published(
        "t10k-images-idx3-ubyte.gz",
        4_422_102,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "md5:8181f5470baa50b63fa0f6fddb340f0a",
    ),
    "test_labels": Published(
        "t10k-labels-idx1-ubyte.gz",
        5_148,
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        "md5:15d484375f8d13e6eb1aabb0c3f46965",
    ),
}


@dataset(
    name="fashion-mnist",
    title="Fashion-MNIST",
    train=60_000,
    test=10_000,
    shape=(28, 28),
    classes=10,
    year=2017,
    licence="MIT, copyright 2017 Zalando SE, https://github.com/zalandoresearch/fashion-mnist",
    reference="Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747",
)
def fashion_mnist() -> Images:
    """Grey pictures of clothes and shoes, 28 x 28 pixels, of the same size and number as MNIST but harder.

    By Han Xiao, Kashif Rasul and Roland Vollgraf, from the catalogue of Zalando. The classes are T-shirt, trousers,
    pullover, dress, coat, sandal, shirt, sneaker, bag and ankle boot, as many of each.
    """
    return load(fashion_mnist, FILES, MIRRORS)
