"""The data sets that are downloaded, as they are registered. Their files are not on the tests' machine."""

import json
import re
import socket

import numpy as np
import pytest

from optviz.datasets import REGISTRY, Images, emnist_digits, fashion_mnist, kmnist
from optviz.errors import MissingError
from tests.cli.test_options import described
from tests.datasets.files import NAMES

MODULES = {"fashion-mnist": fashion_mnist, "kmnist": kmnist, "emnist-digits": emnist_digits}


def test_names_and_sizes():
    assert REGISTRY.names() == ["mnist", "emnist-digits", "fashion-mnist", "kmnist"]
    sizes = {unit.name: (unit.train, unit.test, unit.shape, unit.classes) for unit in REGISTRY}
    assert sizes == {
        "mnist": (60_000, 10_000, (28, 28), 10),
        "emnist-digits": (240_000, 40_000, (28, 28), 10),
        "fashion-mnist": (60_000, 10_000, (28, 28), 10),
        "kmnist": (60_000, 10_000, (28, 28), 10),
    }


@pytest.mark.parametrize("name", MODULES)
def test_files_and_mirrors_are_complete(name):
    module = MODULES[name]
    assert list(module.FILES) == list(NAMES)
    assert len(set(module.MIRRORS)) >= 2
    for mirror in module.MIRRORS:
        assert re.fullmatch(r"https://[\w.-]+/(\S+/)?", mirror)
    for part, file in module.FILES.items():
        end = NAMES[part].removeprefix("t10k") if part.startswith("test") else NAMES[part]
        assert file.name.endswith(f"{end}.gz")
        assert 1_000 < file.size < 60_000_000
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", file.unpacked)
    digests = [digest for file in module.FILES.values() for digest in (file.sha256, file.unpacked)]
    assert len(set(digests)) == 8


@pytest.mark.parametrize("name", MODULES)
def test_offline_each_says_what_to_do(name, tmp_path, monkeypatch):
    pytest.importorskip("pooch")

    def offline(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    monkeypatch.setenv("OPTVIZ_DATA_DIR", str(tmp_path))
    for variable in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(MissingError) as missing:
        REGISTRY[name].load()
    file = MODULES[name].FILES["train"]
    assert missing.value.problem.count("Name or service not known") == len(MODULES[name].MIRRORS)
    for words in (MODULES[name].MIRRORS[0] + file.name, file.sha256, str(tmp_path / name / file.name)):
        assert words in missing.value.remedy
    assert list((tmp_path / name).iterdir()) == []


def test_emnist_is_turned_upright(monkeypatch):
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    labels = np.zeros(2, np.uint8)
    stored = Images(images, labels, images + 1, labels, 10)
    monkeypatch.setattr(emnist_digits, "load", lambda *_: stored)
    upright = REGISTRY["emnist-digits"].load()
    assert upright.train[1, 3, 2] == images[1, 2, 3]
    np.testing.assert_array_equal(upright.test, upright.train + 1)
    assert upright.train.flags.c_contiguous and upright.test.flags.c_contiguous
    assert upright.train_labels is labels and upright.classes == 10


@pytest.mark.parametrize("module", [fashion_mnist, kmnist])
def test_the_others_are_taken_as_they_are(monkeypatch, module):
    taken = object()
    monkeypatch.setattr(module, "load", lambda unit, *_: (taken, unit.name))
    name = next(name for name, other in MODULES.items() if other is module)
    assert REGISTRY[name].load() == (taken, name)


def test_names_are_completed_listed_and_shown(capsys):
    from optviz.cli import _run

    offered = described("train")["dataset"].autocompletion
    assert offered("fash") == ["fashion-mnist"]
    assert set(MODULES) <= set(offered(""))
    assert _run.run(["list", "datasets", "--quiet"]) == 0
    assert capsys.readouterr().out.split() == REGISTRY.names()
    for name in MODULES:
        assert _run.run(["show", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["name"] == name


def test_underscores_are_put_right(capsys):
    from optviz.cli import _run

    assert _run.run(["train", "--dataset", "fashon_mnist"]) == 2
    assert "Did you mean 'fashion-mnist'?" in capsys.readouterr().err
    assert REGISTRY["Fashion_MNIST"] is REGISTRY["fashion-mnist"]
