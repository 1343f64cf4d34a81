"""EMNIST's digits: 280,000 handwritten digits from the collection that MNIST was made from. Downloaded once, 70 MB."""

from dataclasses import replace

from optviz.datasets._dataset import Images, dataset
from optviz.datasets._download import Published
from optviz.datasets._published import load

MIRRORS = (
    "https://huggingface.co/datasets/Royc30ne/emnist-digits/resolve/main/",
    "https://media.githubusercontent.com/media/aurelienduarte/emnist/845f29ee8fb6be30e60b115f638f0eab08bfe469/gzip/",
)
FILES = {
    "train": Published(
        "emnist-digits-train-images-idx3-ubyte.gz",
        59_515_779,
        "f7c95004d14d81af89522e67d8f0c781dfb3bd544181c81bfe1eb6b41c35b726",
        "sha256:0fd17ca7bc21f8a10f68356f3c60e9c36ef287895394791ecd051c7a15ea4acd",
    ),
    "train_labels": Published(
        "emnist-digits-train-labels-idx1-ubyte.gz",
        113_859,
        "6638a6ff5fe2eefd9cca2471995b46c82986b8e4b2a70d2f5ce8e05d7edb319e",
        "sha256:86013a4b932e35477a90ecff239cf492643795cf3c68dd6b7fae3264fb24316b",
    ),
    "test": Published(
        "emnist-digits-test-images-idx3-ubyte.gz",
        9_908_519,
        "20ebe43509264f7639d37c835a3f0b009e90b29e00a099a03101abe1644a3f63",
        "sha256:3075fed46264a655192bd2ac1dafba8ce0c5184802d74acd0a123e25daa15c50",
    ),
    "test_labels": Published(
        "emnist-digits-test-labels-idx1-ubyte.gz",
        19_960,
        "bad1834c45d5988e270b99d43b13edc3fd898f658ffbc2caf2846ef27f7b05b0",
        "sha256:a456cc5cfc928851403b513f94937b9d7570f424ea6d56dce3b28f6c0723608a",
    ),
}


@dataset(
    name="emnist-digits",
    title="EMNIST digits",
    train=240_000,
    test=40_000,
    shape=(28, 28),
    classes=10,
    year=2017,
    licence="none stated by its authors; made from NIST Special Database 19, https://www.nist.gov/open/license",
    reference="Cohen, Afshar, Tapson & van Schaik 2017, arXiv:1702.05373",
)
def emnist_digits() -> Images:
    """Grey images of handwritten digits, 28 x 28 pixels, like those of MNIST and four times as many.

    By Gregory Cohen, Saeed Afshar, Jonathan Tapson and André van Schaik, from NIST's Special Database 19, as many of
    each digit. The files hold the images with rows and columns swapped; here they are upright.
    """
    import numpy as np

    images = load(emnist_digits, FILES, MIRRORS)
    train, test = (np.ascontiguousarray(part.transpose(0, 2, 1)) for part in (images.train, images.test))
    return replace(images, train=train, test=test)
