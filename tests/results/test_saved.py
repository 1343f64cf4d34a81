"""Records saved and loaded: the same record and the same bytes, and every damaged or hostile file refused."""

import dataclasses
import io
import json
import os
import random
import time
import warnings
import zipfile

import numpy as np
import pytest

from optviz import results
from optviz.errors import DataError, UsageTypeError
from optviz.results import Trajectory, load, save, saved
from tests.records import RECORDS, TRAINING_RUN, assert_same, trajectory

each_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)


def pieces(path):
    """The header and the arrays of a saved record."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return json.loads(arrays.pop("header").tobytes()), arrays


def forge(path, header, arrays=None):
    """A file of the same form with another header, which may be any text, and other arrays."""
    text = header if isinstance(header, str) else json.dumps(header)
    np.savez_compressed(path, header=np.frombuffer(text.encode(), np.uint8), **(arrays or {}))
    return path


@each_record
def test_what_is_saved_is_what_is_loaded(record, tmp_path):
    save(tmp_path / "a.npz", record)
    assert_same(load(tmp_path / "a.npz"), record)


@each_record
def test_same_record_gives_the_same_bytes_at_any_time(record, tmp_path, monkeypatch):
    save(tmp_path / "a.npz", record)
    later = time.time() + 1e8
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(later))
    save(tmp_path / "b.npz", record)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_names_that_are_not_utf8_are_loaded_with_escapes(tmp_path):
    record = dataclasses.replace(TRAINING_RUN, optimizer="\udcff", hyperparameters={"\udc80": 0.5})
    save(tmp_path / "a.npz", record)
    loaded = load(tmp_path / "a.npz")
    assert (loaded.optimizer, loaded.hyperparameters) == ("\\udcff", {"\\udc80": 0.5})


def test_a_swapped_call_is_told_the_order(tmp_path):
    with pytest.raises(UsageTypeError, match="(?i)the path comes first"):
        save(trajectory(), tmp_path / "a.npz")


def test_numpy_scalars_are_saved_as_plain_numbers(tmp_path):
    record = dataclasses.replace(TRAINING_RUN, seed=np.int64(3), hyperparameters={"lr": np.float32(0.5)})
    save(tmp_path / "a.npz", record)
    loaded = load(tmp_path / "a.npz")
    assert type(loaded.seed) is int and type(loaded.hyperparameters["lr"]) is float


def test_a_comparison_of_a_version_without_devices_is_one_of_the_processor(tmp_path):
    save(tmp_path / "new.npz", RECORDS["comparison"])
    header, arrays = pieces(tmp_path / "new.npz")
    del header["result"]["device"]
    assert load(forge(tmp_path / "old.npz", header, arrays)).device == "cpu"


def test_every_record_type_is_tried_and_known():
    assert {type(record).__name__ for record in RECORDS.values()} == set(results.RECORDS)


@pytest.mark.parametrize("name", [name for name, record in RECORDS.items() if hasattr(record, "to_dict")])
def test_documents_are_strict_json(name):
    document = RECORDS[name].to_dict()
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == json.loads(json.dumps(document))
    assert document["schema"] == results.SCHEMA


@pytest.mark.parametrize("arrays", [True, False])
@pytest.mark.parametrize("name", ["basins", "swarm", "sweep", "study"])
def test_documents_with_and_without_arrays(name, arrays):
    sizes = [len(json.dumps(RECORDS[name].to_dict(arrays=chosen), allow_nan=False)) for chosen in (arrays, False)]
    assert (sizes[0] > sizes[1]) == arrays


@pytest.mark.parametrize("thing", [None, 3, {"record": "Trajectory"}, [trajectory()], Trajectory])
def test_only_results_are_saved(thing, tmp_path):
    with pytest.raises(UsageTypeError, match="is not a result"):
        save(tmp_path / "a.npz", thing)
    assert not list(tmp_path.iterdir())


def test_what_load_would_refuse_for_its_size_is_not_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "LIMIT", 100)
    with pytest.raises(ValueError, match="too large to save"):
        save(tmp_path / "a.npz", trajectory())
    assert not list(tmp_path.iterdir())


def test_an_unwritable_place_keeps_the_old_file(tmp_path):
    save(tmp_path / "a.npz", trajectory())
    before = (tmp_path / "a.npz").read_bytes()
    with pytest.raises(TypeError):
        save(tmp_path / "a.npz", dataclasses.replace(trajectory(), function=object()))
    assert (tmp_path / "a.npz").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_missing_file_and_folder_are_named(tmp_path):
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(DataError, match=path.name) as caught:
            load(path)
        assert caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"PK", b"<!doctype html>", b"\x93NUMPY\x01\x00", b"\x80\x04N.", b"\0" * 1000])
def test_other_files_are_refused(content, tmp_path):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError):
        load(tmp_path / "a.npz")


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_noticed_or_harmless(seed, tmp_path):
    """A flipped bit or a lost end gives the same record, where it hit nothing that matters, or a DataError."""
    record = trajectory(diverged_at=2)
    save(tmp_path / "a.npz", record)
    whole = (tmp_path / "a.npz").read_bytes()
    chance = random.Random(seed)
    refused = 0
    for trial in range(150):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        if trial % 3 == 0:
            del damaged[chance.randrange(len(whole)) :]
        (tmp_path / "b.npz").write_bytes(damaged)
        try:
            assert_same(load(tmp_path / "b.npz"), record)
        except DataError as error:
            refused += 1
            assert "b.npz" in error.problem and "\n" not in error.problem and error.remedy
    assert refused > 75


def archive_of(path, *members):
    """A zip file of these (name, content)."""
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w") as archive:  # of names that come twice
        for name, content in members:
            archive.writestr(name, content)
    return path


def array_file(shape, body=b"", kind="<f8", head=None):
    """An ``.npy`` file that claims this shape."""
    text = head or f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + body


@pytest.mark.parametrize(
    "content",
    [
        array_file("(1000000000000,)"),
        array_file("(1000000000000,)", bytes(800)),
        array_file("(1000000000000, 0)", b"1"),
        array_file(f"({'9' * 5000},)"),
        array_file("(2,)", bytes(8)),
        array_file("(2,)", bytes(24)),
        array_file("(-2,)", bytes(16)),
        array_file("(1000000000000,)", kind="|V0"),
        array_file("(1000000000000,)", kind="<U0"),
        array_file("(1,)", bytes(8), kind="<M8"),
        array_file("", head="{'descr': '<f8', 'fortran_order': False, 'shape': (10L,), }\n"),
        array_file("", head="{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n"),
        array_file("", head="__import__('os').system('true')\n"),
        array_file("(1,)", bytes(8)).replace(b"\x01\x00", b"\x02\x00", 1),
    ],
)
def test_an_array_that_is_not_what_it_claims_is_refused_before_memory_is_taken(content, tmp_path):
    for name in ("header.npy", "array0.npy"):
        with pytest.raises(DataError, match=f"{name} in it"):
            load(archive_of(tmp_path / "a.npz", (name, content)))


def test_parts_of_one_name_are_refused(tmp_path):
    save(tmp_path / "a.npz", trajectory())
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    assert_same(load(archive_of(tmp_path / "b.npz", *members)), trajectory())
    with pytest.raises(DataError, match="two parts of one name"):
        load(archive_of(tmp_path / "b.npz", *members, members[-1]))


def test_arrays_of_another_order_are_the_same_numbers(tmp_path):
    save(tmp_path / "a.npz", trajectory())
    header, arrays = pieces(tmp_path / "a.npz")
    arrays["array0"] = np.asfortranarray(arrays["array0"]).astype(">f8")
    loaded = load(forge(tmp_path / "b.npz", header, arrays))
    assert_same(loaded, trajectory())
    assert loaded.points.flags.writeable and loaded.points.dtype.isnative


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_pickled_arrays_are_never_unpickled(tmp_path):
    save(tmp_path / "a.npz", trajectory())
    header, arrays = pieces(tmp_path / "a.npz")
    trap = np.empty(1, object)
    trap[0] = Bomb(tmp_path / "executed")
    for name in ("array0", "stowaway"):
        forge(tmp_path / "b.npz", header, arrays | {name: trap})
        with pytest.raises(DataError, match="no array of numbers"):
            load(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", header=trap)
    with pytest.raises(DataError):
        load(tmp_path / "c.npz")
    trap.dump(tmp_path / "d.npz")
    with pytest.raises(DataError):
        load(tmp_path / "d.npz")
    assert not (tmp_path / "executed").exists()


HEADERS = {
    "not JSON": "{",
    "a list": [],
    "a number": 5,
    "no schema": {"result": None},
    "another schema": {"schema": results.SCHEMA + 1, "result": None},
    "no result": {"schema": 1},
    "null": {"schema": 1, "result": None},
    "text": {"schema": 1, "result": "record"},
    "a dict": {"schema": 1, "result": {"dict": {"a": 1}}},
    "a bad dict": {"schema": 1, "result": {"dict": 1}},
    "an array": {"schema": 1, "result": {"array": "header"}},
    "an unknown array": {"schema": 1, "result": {"array": "none"}},
    "an unknown record": {"schema": 1, "result": {"record": "os.system", "command": "true"}},
    "an unhashable record": {"schema": 1, "result": {"record": ["Race"]}},
    "a record without fields": {"schema": 1, "result": {"record": "Trajectory"}},
    "a foreign field": {"schema": 1, "result": {"record": "Landscape", "__class__": 1}},
    "nesting": '{"schema": 1, "result": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "a huge number": '{"schema": 1, "result": ' + "9" * 10_000 + "}",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_hostile_headers_are_refused(header, tmp_path):
    with pytest.raises(DataError):
        load(forge(tmp_path / "a.npz", header))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("optimizer", 3),
        ("hyperparameters", []),
        ("hyperparameters", {"dict": {"lr": "high"}}),
        ("points", None),
        ("points", [[0, 0]]),
        ("diverged_at", "never"),
        ("diverged_at", 1.5),
        ("minimum", None),
    ],
)
def test_fields_of_the_wrong_type_are_refused(field, value, tmp_path):
    save(tmp_path / "a.npz", trajectory())
    header, arrays = pieces(tmp_path / "a.npz")
    header["result"][field] = value
    with pytest.raises(DataError, match=f"{field} of its Trajectory is of the wrong type"):
        load(forge(tmp_path / "b.npz", header, arrays))


@pytest.mark.parametrize(
    ("field", "value"),
    [("landscape", None), ("trajectories", [1]), ("start", [1.0]), ("start", [1.0, 2.0, 3.0]), ("tuning", 1)],
)
def test_records_in_records_are_checked_too(field, value, tmp_path):
    save(tmp_path / "a.npz", RECORDS["race"])
    header, arrays = pieces(tmp_path / "a.npz")
    header["result"][field] = value
    with pytest.raises(DataError, match=f"{field} of its Race"):
        load(forge(tmp_path / "b.npz", header, arrays))


def test_a_file_that_inflates_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "LIMIT", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", b"\0" * (4 << 20))
    with pytest.raises(DataError, match="claims to hold more than"):
        load(tmp_path / "a.npz")


def test_no_more_is_inflated_than_the_file_claims(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", b"\0" * (64 << 20))
    content = (tmp_path / "a.npz").read_bytes()
    liar = content.replace((64 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert liar != content
    (tmp_path / "a.npz").write_bytes(liar)
    with pytest.raises(DataError, match="CRC|header"):
        load(tmp_path / "a.npz")


def test_an_array_that_claims_a_huge_shape_is_refused(tmp_path):
    text = io.BytesIO()
    np.lib.format.write_array_header_1_0(text, {"descr": "<f8", "fortran_order": False, "shape": (1 << 60,)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("header.npy", text.getvalue())
    with pytest.raises(DataError):
        load(tmp_path / "a.npz")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(DataError, match="it is not a regular file"):
        load(tmp_path / "pipe.npz")


def test_a_swarm_of_an_older_version_is_read(tmp_path):
    save(tmp_path / "new.npz", RECORDS["swarm"])
    with np.load(tmp_path / "new.npz") as file:
        arrays = dict(file)
    header = arrays["header"].tobytes().replace(b'"runs"', b'"flocks"').replace(b'"SwarmRun"', b'"Flock"')
    np.savez(tmp_path / "old.npz", **arrays | {"header": np.frombuffer(header, np.uint8)})
    assert b"Flock" in header and b"flocks" in header
    assert_same(load(tmp_path / "old.npz"), RECORDS["swarm"])
