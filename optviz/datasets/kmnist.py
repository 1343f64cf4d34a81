"""Kuzushiji-MNIST: 70,000 characters of Japanese cursive. Downloaded once, 21 MB."""

from optviz.datasets._dataset import Images, dataset
from optviz.datasets._download import Published
from optviz.datasets._published import load

MIRRORS = (
    "https://huggingface.co/datasets/tanganke/kmnist/resolve/756d43e894032ce8838db8b32e7500c9c3b5d050/raw/",
    "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",  # the publisher's; out of reach at times
    "https://media.githubusercontent.com/media/namanlab/CVCNN_Paper/0f30b9c852904dc63a7902c1d2a2f5c61d0547e4/data/KMNIST/raw/",
)
FILES = {
    "train": Published(
        "train-images-idx3-ubyte.gz",
        18_165_135,
        "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        "md5:92be26ec9822e900ac425d0a0aa84ced",
    ),
    "train_labels": Published(
        "train-labels-idx1-ubyte.gz",
        29_497,
        "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        "md5:949e75301f8813e0dc5800dcc320fc52",
    ),
    "test": Published(
        "t10k-images-idx3-ubyte.gz",
        3_041_136,
        "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        "md5:bf305b8cd328700fbc17f5acbc2856d2",
    ),
    "test_labels": Published(
        "t10k-labels-idx1-ubyte.gz",
        5_120,
        "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        "md5:9f55f451c0988b028eccdf7d5cc265ab",
    ),
}


@dataset(
    title="Kuzushiji-MNIST",
    train=60_000,
    test=10_000,
    shape=(28, 28),
    classes=10,
    year=2018,
    licence="CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/: KMNIST Dataset (created by CODH), adapted "
    "from Kuzushiji Dataset (created by NIJL and others), doi:10.20676/00000341",
    reference="Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto & Ha 2018, arXiv:1812.01718",
)
def kmnist() -> Images:
    """Grey images of ten cursive Japanese characters, 28 x 28 pixels, of the same size and number as MNIST but harder.

    From books of the eighteenth and nineteenth centuries: one character for each row of the hiragana table (o ki su
    tsu na ha ma ya re wo), as many of each. One character may be written in several unlike ways.
    """
    return load(kmnist, FILES, MIRRORS)
