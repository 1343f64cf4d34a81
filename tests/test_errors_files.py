"""Errors that say what to do, and files that appear whole or not at all."""

import errno
import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from optviz import errors, files
from optviz.errors import (
    DataError,
    FormulaError,
    MissingError,
    OptvizError,
    PluginError,
    UnknownNameError,
    UsageError,
    UsageTypeError,
    shown,
)
from optviz.files import check_writable, open_regular, replacing

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
        FormulaError: 1,
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
    ("function", "number"), [("fsync", errno.ENOSPC), ("replace", errno.ENOSPC), ("replace", errno.EIO)]
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
    refused(tmp_path / "file" / "a.png", "is a file, not a folder")
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


def test_an_existing_file_is_enough_where_its_folder_is_not_writable(tmp_path, monkeypatch):
    (tmp_path / "old.png").write_bytes(b"")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    assert check_writable(tmp_path / "old.png") == tmp_path / "old.png"


def test_a_link_into_a_folder_that_is_missing_is_refused(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "missing" / "a.png")
    refused(tmp_path / "link.png", f"the folder {tmp_path / 'missing'} does not exist")
    (tmp_path / "dangling.png").symlink_to(tmp_path / "new.png")
    with replacing(check_writable(tmp_path / "dangling.png")) as file:
        file.write(b"x")
    assert (tmp_path / "new.png").read_bytes() == b"x"


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("nameless", [True, False])
def test_modes_and_owners_are_kept_and_new_files_follow_the_umask(tmp_path, monkeypatch, nameless):
    if not nameless:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    for kept in (0o600, 0o640, 0o664, 0o400):
        (tmp_path / "old.png").write_bytes(b"old")
        (tmp_path / "old.png").chmod(kept)
        with replacing(tmp_path / "old.png") as file:
            file.write(b"new")
        assert mode(tmp_path / "old.png") == kept
        (tmp_path / "old.png").unlink()
    for umask, expected in ((0o022, 0o644), (0o002, 0o664), (0o077, 0o600)):
        before = os.umask(umask)
        try:
            for private, wanted in ((False, expected), (True, 0o600)):
                with replacing(tmp_path / "new.png", private=private) as file:
                    file.write(b"new")
                assert mode(tmp_path / "new.png") == wanted
                (tmp_path / "new.png").unlink()
        finally:
            os.umask(before)
    if os.geteuid() == 0:
        (tmp_path / "theirs.png").write_bytes(b"old")
        os.chown(tmp_path / "theirs.png", 1234, 4321)
        with replacing(tmp_path / "theirs.png") as file:
            file.write(b"new")
        assert ((tmp_path / "theirs.png").stat().st_uid, (tmp_path / "theirs.png").stat().st_gid) == (1234, 4321)
    assert not list(tmp_path.glob(".optviz*"))


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES])
@pytest.mark.parametrize("text", [b"", b"short", b"longer than before"])
def test_what_cannot_be_replaced_is_written_over(tmp_path, monkeypatch, number, text):
    target = tmp_path / "old.png"
    target.write_bytes(b"the old text")
    inode = target.stat().st_ino
    monkeypatch.setattr(os, "replace", refuse(number))
    with replacing(target) as file:
        file.write(text)
        assert target.read_bytes() == b"the old text"
    assert target.read_bytes() == text and target.stat().st_ino == inode
    assert leftovers(tmp_path) == ["old.png"]


def test_what_is_written_over_is_put_back_where_that_fails(tmp_path, monkeypatch):
    target = tmp_path / "old.png"
    target.write_bytes(b"the old text")
    monkeypatch.setattr(os, "replace", refuse(errno.EBUSY))
    really = files.shutil.copyfileobj
    calls = []

    def failing(source, to):
        calls.append(to)
        if len(calls) == 2:
            to.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        really(source, to)

    monkeypatch.setattr(files.shutil, "copyfileobj", failing)
    with pytest.raises(OptvizError, match="No space left"), replacing(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"the old text"


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="nameless files are Linux's")
def test_a_file_has_no_name_before_it_is_whole(tmp_path, monkeypatch):
    with replacing(tmp_path / "new.png") as file:
        file.write(b"x")
        assert leftovers(tmp_path) == []
    # A system that makes nameless files and does not name them: a copy gets the name.
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    for text in (b"y", b"z"):
        with replacing(tmp_path / "other.png") as file:
            file.write(text)
        assert (tmp_path / "other.png").read_bytes() == text
    assert leftovers(tmp_path) == ["new.png", "other.png"]


def test_where_files_need_names_a_killed_processs_file_goes_after_an_hour(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    old, young = tmp_path / ".optviz-0123456789ab.part", tmp_path / ".optviz-0123456789ac.part"
    foreign = tmp_path / ".optviz-notes.part"
    for file in (old, young, foreign):
        file.touch()
    for file in (old, foreign):
        os.utime(file, (1e9, 1e9))
    with replacing(tmp_path / "new.png") as file:
        file.write(b"x")
        assert len(leftovers(tmp_path)) == 3
    assert leftovers(tmp_path) == sorted([young.name, foreign.name, "new.png"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_only_regular_files_are_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for thing in ("pipe", "link", "folder"):
        with pytest.raises(OptvizError, match="it is not a regular file"), replacing(tmp_path / thing):
            pass
    assert (tmp_path / "pipe").is_fifo() and (tmp_path / "link").is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for thing in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file"):
            open_regular(thing)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "missing")
    (tmp_path / "file").write_bytes(b"x")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"x"


MOUNT = """
import subprocess, sys
from optviz.files import check_writable, replacing
subprocess.run(["mount", "--bind", "real.png", "out.png"], check=True)
with replacing(check_writable("out.png")) as file:
    file.write(b"new")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bind mounts are Linux's")
def test_a_file_that_is_a_mount_point(tmp_path):
    (tmp_path / "real.png").write_bytes(b"the old text")
    (tmp_path / "out.png").touch()
    command = ["unshare", "--mount", "--map-root-user", sys.executable, "-c", MOUNT]
    try:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this user may not mount")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "real.png").read_bytes() == b"new"
    assert leftovers(tmp_path) == ["out.png", "real.png"]


@pytest.mark.skipif(os.name != "posix", reason="descriptors are POSIX")
def test_a_file_in_a_folder_that_takes_no_new_ones_is_written_over(tmp_path, monkeypatch):
    target = tmp_path / "old.png"
    target.write_bytes(b"the old text")
    inode, really = target.stat().st_ino, os.open

    def locked(path, flags, mode=0o777, **options):
        if flags & os.O_CREAT or (hasattr(os, "O_TMPFILE") and flags & os.O_TMPFILE == os.O_TMPFILE):
            if Path(path) == tmp_path or Path(path).parent == tmp_path:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really(path, flags, mode, **options)

    monkeypatch.setattr(os, "open", locked)
    with replacing(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"the old text"
    assert target.read_bytes() == b"new" and target.stat().st_ino == inode
    with pytest.raises(OptvizError, match="Permission denied"), replacing(tmp_path / "new.png") as file:
        file.write(b"x")
    assert leftovers(tmp_path) == ["old.png"]
