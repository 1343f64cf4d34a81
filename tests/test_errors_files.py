"""Errors that say what to do, and files that appear whole or not at all."""

import errno
import os
import pickle
import socket
from pathlib import Path

import numpy as np
import pytest

from optviz import errors
from optviz.errors import (
    DataError,
    MissingError,
    OptvizError,
    PluginError,
    UnknownNameError,
    UsageError,
    UsageTypeError,
    shown,
)
from optviz.files import check_writable, replacing

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, OptvizError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_hold_problem_and_remedy(kind):
    error = kind("it is broken", "Mend it.")
    assert (error.problem, error.remedy, str(error)) == ("it is broken", "Mend it.", "it is broken\nMend it.")
    assert str(kind("it is broken")) == "it is broken"
    copy = pickle.loads(pickle.dumps(error))  # as it travels from a worker process
    assert (type(copy), copy.problem, copy.remedy) == (kind, "it is broken", "Mend it.")


def test_exit_codes():
    codes = {kind: kind("").exit_code for kind in CLASSES}
    assert codes == {
        OptvizError: 1,
        DataError: 1,
        UsageError: 2,
        UsageTypeError: 2,
        UnknownNameError: 2,
        MissingError: 3,
        PluginError: 3,
    }
    assert issubclass(UsageError, ValueError) and issubclass(UsageTypeError, TypeError)


def test_values_are_shown_on_one_short_line():
    assert shown("a") == "'a'"
    assert shown(np.zeros((2, 2))) == "array([[0., 0.], [0., 0.]])"
    assert shown("x" * 1000) == "'" + "x" * 56 + "..."
    assert shown(10**10000) == "a int that cannot be printed"


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written(tmp_path):
    target = tmp_path / "new.bin"
    with replacing(target) as file:
        file.write(b"first half, ")
        assert not target.exists()
        file.write(b"second half")
    assert target.read_bytes() == b"first half, second half"
    assert leftovers(tmp_path) == ["new.bin"]


def test_an_existing_file_is_replaced_whole(tmp_path):
    target = tmp_path / "old.bin"
    target.write_bytes(b"a long old text")
    with replacing(str(target)) as file:
        file.write(b"new")
        assert target.read_bytes() == b"a long old text"
    assert target.read_bytes() == b"new"
    assert leftovers(tmp_path) == ["old.bin"]


def test_writers_may_seek_and_read_back(tmp_path):
    with replacing(tmp_path / "a") as file:
        file.write(b"....rest")
        file.seek(0)
        file.write(b"head")
        file.seek(0)
        assert file.read() == b"headrest"
    assert (tmp_path / "a").read_bytes() == b"headrest"


@pytest.mark.parametrize("end", [RuntimeError("no"), KeyboardInterrupt(), SystemExit(3), UsageError("no")])
@pytest.mark.parametrize("before", [b"old", None])
def test_a_failure_leaves_everything_as_it_was(tmp_path, end, before):
    target = tmp_path / "out.gif"
    if before is not None:
        target.write_bytes(before)
    with pytest.raises(type(end)) as error, replacing(target) as file:
        file.write(b"half a pict")
        raise end
    assert error.value is end
    assert leftovers(tmp_path) == (["out.gif"] if before else [])
    assert before is None or target.read_bytes() == before


def refuse(number):
    def refusing(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    return refusing


@pytest.mark.parametrize(
    ("function", "number"), [("fsync", errno.ENOSPC), ("replace", errno.EACCES), ("replace", errno.EIO)]
)
def test_a_refusing_file_system_leaves_everything_as_it_was(tmp_path, monkeypatch, function, number):
    target = tmp_path / "out.gif"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, function, refuse(number))
    with pytest.raises(OptvizError) as error, replacing(target) as file:
        file.write(b"new")
    assert error.value.problem == f"cannot write {target}: {os.strerror(number)}"
    assert error.value.exit_code == 1 and error.value.remedy
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == ["out.gif"]


def test_a_full_disk_while_writing_is_reported(tmp_path):
    target = tmp_path / "out.gif"
    with pytest.raises(OptvizError, match="No space left on device"), replacing(target):
        refuse(errno.ENOSPC)()
    assert leftovers(tmp_path) == []


def test_a_missing_folder_is_reported(tmp_path):
    with pytest.raises(OptvizError, match="No such file or directory"), replacing(tmp_path / "missing" / "a.png"):
        pass
    assert leftovers(tmp_path) == []


def test_the_longest_file_name_fits(tmp_path):
    target = tmp_path / ("a" * 251 + ".png")
    with replacing(check_writable(target)) as file:
        file.write(b"x")
    assert target.read_bytes() == b"x"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.png", tmp_path / "link.png"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with replacing(check_writable(link)) as file:
        file.write(b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert leftovers(tmp_path / "elsewhere") == ["real.png"]


def test_writable_paths_pass(tmp_path, monkeypatch):
    assert check_writable(str(tmp_path / "new.png")) == tmp_path / "new.png"
    (tmp_path / "old.png").write_bytes(b"")
    assert check_writable(tmp_path / "old.png") == tmp_path / "old.png"
    monkeypatch.chdir(tmp_path)
    assert check_writable("new.png") == Path("new.png")
    assert leftovers(tmp_path) == ["old.png"]


def refused(path, words):
    with pytest.raises(UsageError) as error:
        check_writable(path)
    assert error.value.problem.startswith("cannot write ") and words in error.value.problem
    assert error.value.remedy


def test_paths_that_cannot_be_written_are_refused(tmp_path):
    refused(tmp_path, "it is a folder")
    refused(tmp_path / "missing" / "a.png", f"the folder {tmp_path / 'missing'} does not exist")
    (tmp_path / "file").write_bytes(b"")
    refused(tmp_path / "file" / "a.png", "does not exist")
    refused(tmp_path / ("a" * 300 + ".png"), "File name too long")
    refused("a\0b.png", "null")
    refused("/dev/null", "it is not a regular file")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refused(tmp_path / "loop", "symbolic links")


def test_a_pipe_and_a_socket_are_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.gif")
    refused(tmp_path / "pipe.gif", "it is not a regular file")
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.gif")
        refused("socket.gif", "it is not a regular file")


def test_what_the_user_may_not_write_is_refused(tmp_path, monkeypatch):
    (tmp_path / "old.png").write_bytes(b"")
    # The superuser may write everywhere, so the answers are given here.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path / "old.png")
    refused(tmp_path / "old.png", "the file is read-only")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    refused(tmp_path / "new.png", f"the folder {tmp_path} is not writable")
    monkeypatch.setattr(os, "stat", refuse(errno.EACCES))
    refused(tmp_path / "new.png", "Permission denied")
