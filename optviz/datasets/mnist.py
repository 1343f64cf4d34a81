"""MNIST: 70,000 handwritten digits. It comes with optviz; the folder beside this file holds it and its licence."""

from pathlib import Path

from optviz.datasets._dataset import Images, dataset, read_folder
from optviz.datasets._idx import digest
from optviz.errors import DataError

FOLDER = Path(__file__).parent / "mnist"
REMEDY = "Install optviz again: pip install --force-reinstall optviz"

# SHA-256 of the unpacked files, as the authors published them. A gzip file's own digest would name its compression.
DIGESTS = {
    "train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@dataset(
    title="MNIST",
    train=60_000,
    test=10_000,
    shape=(28, 28),
    classes=10,
    year=1998,
    licence="CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/",
    reference="LeCun, Bottou, Bengio & Haffner 1998, Proceedings of the IEEE 86(11), 2278-2324",
)
def mnist() -> Images:
    """Grey images of handwritten digits, 28 x 28 pixels, four fifths of which are background.

    By Yann LeCun, Corinna Cortes and Christopher J. C. Burges, from NIST's Special Databases 1 and 3: digits written by
    employees of the Census Bureau and by high-school students, scaled to 20 x 20 pixels and centred by their mass.
    """
    images = read_folder(FOLDER, shape=(28, 28), counts=(60_000, 10_000), classes=10, remedy=REMEDY)
    for part, published in DIGESTS.items():
        if digest(getattr(images, part)) != published:
            raise DataError(f"the {part.replace('_', ' ')} in {FOLDER} are not those of MNIST", REMEDY)
    return images
