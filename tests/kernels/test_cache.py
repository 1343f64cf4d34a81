"""The kernel cache: whatever happens to its folder and files, the right value comes out."""

import errno
import io
import os
import pickle
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numba
import numpy as np
import platformdirs
import pytest

from optviz import files
from optviz.kernels import cache
from optviz.kernels.cache import cached_jit


def triple(x):
    return 3.0 * x


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A fresh cache folder that nothing has been written to."""
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path))
    return tmp_path / "kernels"


@pytest.fixture
def kernel_file(folder):
    """The file of `triple`, compiled."""
    assert call() == (0, 1)
    (file,) = folder.iterdir()
    return file


def call() -> tuple[int, int]:
    """Use `triple` as a new process would; gives the numbers of cache hits and misses."""
    kernel = cached_jit(triple)
    assert kernel(2.0) == 6.0
    return sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values())


def test_the_second_use_hits(kernel_file):
    assert call() == (1, 0)
    assert cache.verify() == (1, [], [])
    assert cache.folder() == kernel_file.parent


def test_folder_and_file_belong_to_the_user_alone(kernel_file):
    assert kernel_file.parent.stat().st_mode & 0o777 == 0o700


def test_no_part_file_stays(kernel_file):
    assert kernel_file.name.endswith(cache.ENDING)
    assert [kernel_file] == list(kernel_file.parent.iterdir())


DAMAGE = {
    "emptied": lambda blob: b"",
    "one byte": lambda blob: blob[:1],
    "digest only": lambda blob: blob[:32],
    "truncated": lambda blob: blob[: len(blob) // 2],
    "last byte lost": lambda blob: blob[:-1],
    "longer": lambda blob: blob + b"\0",
    "garbled": lambda blob: random.Random(0).randbytes(len(blob)),
    "zeros": lambda blob: bytes(len(blob)),
    "text": lambda blob: b"<html>404</html>",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_found_and_replaced(kernel_file, damage):
    kernel_file.write_bytes(damage(kernel_file.read_bytes()))
    assert cache.verify() == (0, [kernel_file], [])
    assert call() == (0, 1)
    assert cache.verify() == (1, [], [])
    assert call() == (1, 0)


def test_one_flipped_bit_is_always_found(kernel_file):
    blob = kernel_file.read_bytes()
    rng = random.Random(1)
    places = [0, 31, 32, len(blob) - 1, *(rng.randrange(len(blob)) for _ in range(296))]
    for place in places:
        flipped = bytearray(blob)
        flipped[place] ^= 1 << rng.randrange(8)
        kernel_file.write_bytes(flipped)
        assert cache.verify() == (0, [kernel_file], [])
    for place in places[:6]:
        flipped = bytearray(blob)
        flipped[place] ^= 1 << rng.randrange(8)
        kernel_file.write_bytes(flipped)
        assert call() == (0, 1)


BODIES = {
    "no pickle": b"this is no pickle",
    "another pickle": pickle.dumps([1, 2, 3]),
    "a missing module": b"cno_such_module\nthing\n.",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_sound_file_with_a_strange_body_is_replaced(kernel_file, body):
    kernel_file.write_bytes(cache._digest(kernel_file, body) + body)
    assert call() == (0, 1)
    assert call() == (1, 0)


def test_another_numba_another_source_another_option_miss(kernel_file, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(numba, "__version__", "0.0")
        assert call() == (0, 1)
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_package_stamp", lambda: "an edit")
        assert call() == (0, 1)
    assert cached_jit(triple, cache.OPTIONS | {"fastmath": True})(2.0) == 6.0
    assert cache.verify() == (4, [], [])
    assert call() == (1, 0)


def test_the_stamp_covers_every_source_file(tmp_path, monkeypatch):
    import optviz

    package = tmp_path / "optviz"
    (package / "deep").mkdir(parents=True)
    for name in ("__init__.py", "deep/a.py"):
        (package / name).write_text("x = 1\n")
    monkeypatch.setattr(optviz, "__file__", str(package / "__init__.py"))
    stamps = {cache._package_stamp.__wrapped__()}
    (package / "deep" / "a.py").write_text("x = 2\n")
    stamps.add(cache._package_stamp.__wrapped__())
    (package / "deep" / "a.py").rename(package / "deep" / "b.py")
    stamps.add(cache._package_stamp.__wrapped__())
    assert len(stamps) == 3


def refusing(code):
    """A file system that makes no new files."""

    def refuse(path, mode):
        raise OSError(code, os.strerror(code))

    return refuse


class FullDisk(io.BytesIO):
    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def filling(path, mode):
    """A full disk: a file is made and nothing goes into it."""
    part = files._part(path.parent)
    part.touch()
    return FullDisk(), part


@pytest.mark.parametrize(
    "new", [refusing(errno.EACCES), refusing(errno.EROFS), filling], ids=["not permitted", "read-only", "full disk"]
)
def test_where_nothing_can_be_written_kernels_run_uncached(folder, monkeypatch, new):
    monkeypatch.setattr(files, "_new", new)
    assert call() == (0, 1)
    assert call() == (0, 1)
    assert list(folder.iterdir()) == []


def test_a_file_that_cannot_be_read_is_as_good_as_none(kernel_file, monkeypatch):
    def unreadable(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(cache, "open_regular", unreadable)
    assert call() == (0, 1)


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
def test_whatever_the_umask_kernels_are_the_users_alone_and_found_again(tmp_path, monkeypatch, umask):
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path / "a" / "b"))
    before = os.umask(umask)
    try:
        assert call() == (0, 1)
    finally:
        os.umask(before)
    (file,) = cache.folder().iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert {place.stat().st_mode & 0o777 for place in list(file.parents)[:3]} == {0o700}
    assert call() == (1, 0)
    assert cache.verify() == (1, [], []) and cache.kept()


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX")
def test_what_others_could_have_written_is_told_from_what_is_damaged(kernel_file):
    kernel_file.chmod(0o664)
    assert cache.verify() == (0, [], [kernel_file])
    kernel_file.chmod(0o600)
    kernel_file.parent.chmod(0o770)
    assert cache.verify() == (0, [], [kernel_file]) and not cache.kept()


def test_a_sound_file_under_another_kernels_name_is_replaced(kernel_file):
    def half(x):
        return 0.5 * x

    assert cached_jit(half)(2.0) == 1.0
    (other,) = set(kernel_file.parent.iterdir()) - {kernel_file}
    one, two = kernel_file.read_bytes(), other.read_bytes()
    kernel_file.write_bytes(two)
    other.write_bytes(one)
    assert cache.verify() == (0, sorted([kernel_file, other]), [])
    assert call() == (0, 1)
    assert cached_jit(half)(2.0) == 1.0
    assert cache.verify() == (2, [], [])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
@pytest.mark.parametrize("thing", ["pipe", "folder", "link"])
def test_what_is_no_file_is_neither_waited_for_nor_read(kernel_file, thing):
    blob = kernel_file.read_bytes()
    kernel_file.unlink()
    if thing == "pipe":
        os.mkfifo(kernel_file, 0o600)
    elif thing == "folder":
        kernel_file.mkdir(0o700)
    else:
        (kernel_file.parent.parent / "elsewhere").write_bytes(blob)
        kernel_file.symlink_to(kernel_file.parent.parent / "elsewhere")
    assert call() == (0, 1)
    assert call() == ((0, 1) if thing == "folder" else (1, 0))
    assert thing != "link" or (kernel_file.parent.parent / "elsewhere").read_bytes() == blob


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path / "file"))
    assert call() == (0, 1)
    assert cache.verify() == (0, [], []) and cache.clear() == 0


def test_a_user_without_home(monkeypatch):
    monkeypatch.delenv("OPTVIZ_CACHE_DIR", raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: Path("~/.cache") / name)
    assert cache.folder() is None
    assert call() == (0, 1)
    assert cache.verify() == (0, [], []) and cache.clear() == 0


def test_the_cache_is_below_the_users_own(monkeypatch, tmp_path):
    monkeypatch.delenv("OPTVIZ_CACHE_DIR", raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / name)
    assert cache.folder() == tmp_path / "optviz" / "kernels"


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX")
def test_what_others_could_have_written_is_not_loaded(kernel_file, monkeypatch):
    folder = kernel_file.parent
    folder.chmod(0o777)
    assert call() == (0, 1)
    folder.chmod(0o700)
    kernel_file.chmod(0o666)
    assert call() == (0, 1)  # and written anew
    assert call() == (1, 0)
    with monkeypatch.context() as patch:
        patch.setattr(cache.os, "geteuid", lambda: os.getuid() + 1)
        assert call() == (0, 1)
    assert call() == (1, 0)


def test_parts_that_a_killed_process_left_are_swept_after_an_hour(folder):
    folder.mkdir(mode=0o700)
    old, young, foreign = (
        folder / ".optviz-0123456789ab.part",
        folder / ".optviz-ba9876543210.part",
        folder / "notes.txt",
    )
    for file in (old, young, foreign):
        file.touch()
    long_ago = time.time() - 2 * files.PART_LIFE
    os.utime(old, (long_ago, long_ago))
    os.utime(foreign, (long_ago, long_ago))
    assert call() == (0, 1)
    assert not old.exists() and young.exists() and foreign.exists()
    assert cache.clear() == 1
    assert set(folder.iterdir()) == {young, foreign}


def test_without_numbas_private_classes_kernels_run_uncached(folder, monkeypatch):
    monkeypatch.setattr(cache, "NullCache", None)
    assert call() == (0, 1)
    assert not folder.exists()


PROGRAM = """
import numpy as np
from optviz.functions import REGISTRY
from optviz.kernels.denormals import _flush_kernel, _restore_kernel, flushed
from optviz.kernels import tile
from optviz.kernels.update import array_function, array_kernel
from optviz.optimizers import configure

formula, function = configure("momentum").formula, REGISTRY["sphere"]
hyper = tuple(np.float64(0.1) for _ in formula.hyperparameters)
x, g, v = np.ones(5), np.ones(5), np.zeros(5)
with flushed():
    array_function(formula, np.float64)(x, g, (v,), (), hyper)
    values = tile.function_values(function, np.ones((3, 2)))
kernels = [array_kernel(formula, np.float64), tile._tile]
if hasattr(tile._tile, "stats"):
    kernels = [kernel.stats for kernel in [*kernels, _flush_kernel, _restore_kernel]]
    hits = sum(sum(stats.cache_hits.values()) for stats in kernels)
    misses = sum(sum(stats.cache_misses.values()) for stats in kernels)
else:
    hits = misses = -1
print(repr((x[0], v[0], values[-1])), hits, misses)
"""


def start(folder, **environment) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> tuple[str, int, int]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and err == "", err
    result, hits, misses = out.rsplit(maxsplit=2)
    return result, int(hits), int(misses)


@pytest.mark.slow
def test_cold_processes_side_by_side_and_one_after_them(folder, tmp_path):
    # They import a copy, since an edit of the package between two processes is a reason to miss.
    package = Path(cache.__file__).parents[1]
    shutil.copytree(package, tmp_path / "optviz", ignore=shutil.ignore_patterns("*.gz", "__pycache__"))
    cold = [finish(process) for process in [start(tmp_path) for _ in range(4)]]
    warm = finish(start(tmp_path))
    assert warm[1:] == (4, 0)
    assert {result for result, *_ in [*cold, warm]} == {warm[0]}
    assert cache.verify() == (5, [], [])


@pytest.mark.slow
def test_without_a_usable_home_and_without_a_compiler(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.touch()
    homeless = {"HOME": str(nowhere), "XDG_CACHE_HOME": "", "OPTVIZ_CACHE_DIR": ""}
    compiled = finish(start(tmp_path, **homeless))
    plain = finish(start(tmp_path, **homeless, NUMBA_DISABLE_JIT="1"))
    assert compiled[1:] == (0, 4)
    assert plain[1:] == (-1, -1)
    assert plain[0].replace("np.float64(", "").replace(")", "") == compiled[0].replace("np.float64(", "").replace(
        ")", ""
    )


def test_options_are_those_that_formulas_need():
    assert (
        cached_jit(triple).targetoptions | {"error_model": "numpy", "nogil": True} == cached_jit(triple).targetoptions
    )
    assert np.isnan(cached_jit(lambda x: 0.0 / x)(0.0))
