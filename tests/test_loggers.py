"""The loggers of docs/loggers.md: W&B and MLflow against stand-ins with their signatures, TensorBoard for real."""

import re
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import optviz

TEXT = (Path(__file__).parent.parent / "docs" / "loggers.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^## (.*?)\n.*?^```python\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL))

pytestmark = pytest.mark.slow


@pytest.fixture
def trained(monkeypatch):
    """What `optviz.train` gave in a block."""
    found, train = [], optviz.train
    monkeypatch.setattr(optviz, "train", lambda *names, **given: found.append(train(*names, **given)), raising=False)
    return found


class Run:
    """A run as W&B has it."""

    def __init__(self, **given):
        self.given, self.rows, self.finished = given, [], False

    def log(self, data, step=None):
        assert not self.finished and step == len(self.rows) + 1
        self.rows.append(data)

    def finish(self):
        self.finished = True


class Client:
    """MLflow's client, as far as it is documented and used."""

    def __init__(self):
        self.names, self.rows, self.ended = {}, [], set()

    def create_run(self, experiment_id, start_time=None, tags=None, run_name=None):
        assert experiment_id == "7"
        identity = f"run{len(self.names)}"
        self.names[identity] = run_name
        return SimpleNamespace(info=SimpleNamespace(run_id=identity))

    def log_metric(self, run_id, key, value, timestamp=None, step=None):
        assert run_id in self.names and run_id not in self.ended
        self.rows.append((self.names[run_id], key, step, value))

    def set_terminated(self, run_id, status=None, end_time=None):
        self.ended.add(run_id)


def expected(comparison, name="{}, seed {}"):
    """What every logger is told: (run, measure, epoch, value)."""
    return {
        (name.format(run.optimizer, run.seed), key.replace("_", " "), epoch["epoch"], epoch[key])
        for run in comparison.runs
        for epoch in run.epochs
        for key in ("train_loss", "test_accuracy")
    }


def test_every_logger_has_a_block_of_ten_lines():
    assert list(BLOCKS) == ["Weights & Biases", "MLflow", "TensorBoard"]
    for block in BLOCKS.values():
        body = block[: block.index("optviz.train")].strip().splitlines()
        assert len([line for line in body if line and not re.match("import|from", line)]) <= 11


def test_weights_and_biases(monkeypatch, trained):
    runs = []

    def init(*, project=None, group=None, name=None, reinit=None):
        runs.append(Run(project=project, group=group, name=name, reinit=reinit))
        return runs[-1]

    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=init))
    exec(compile(BLOCKS["Weights & Biases"], "loggers.md", "exec"), {})
    assert all(run.finished and run.given["reinit"] == "create_new" for run in runs)
    rows = {(r.given["name"], key, k, v) for r in runs for k, row in enumerate(r.rows, 1) for key, v in row.items()}
    assert rows == expected(trained[0]) and len(rows) == 8


def test_mlflow(monkeypatch, trained):
    client = Client()
    stub = SimpleNamespace(MlflowClient=lambda: client, set_experiment=lambda name: SimpleNamespace(experiment_id="7"))
    monkeypatch.setitem(sys.modules, "mlflow", stub)
    exec(compile(BLOCKS["MLflow"], "loggers.md", "exec"), {})
    assert client.ended == set(client.names) and len(client.names) == 2
    assert set(client.rows) == expected(trained[0]) and len(client.rows) == 8


def scalars(folder):
    """(run, measure, step, value) of the event files below a folder: records of length, checksum, event, checksum."""
    from tensorboardX.proto.event_pb2 import Event

    for file in folder.rglob("events.*"):
        data = file.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event, data = Event.FromString(data[12 : 12 + length]), data[16 + length :]
            for value in event.summary.value:
                yield file.parent.relative_to(folder).as_posix(), value.tag, event.step, value.simple_value


def test_tensorboard(monkeypatch, trained, tmp_path):
    pytest.importorskip("tensorboardX")
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS["TensorBoard"], "loggers.md", "exec"), {})
    found = {row[:3]: row[3] for row in scalars(tmp_path)}
    wanted = {row[:3]: row[3] for row in expected(trained[0], "runs/{}-{}")}
    assert {(run, tag.replace("_", " "), step): value for (run, tag, step), value in found.items()} == pytest.approx(
        wanted, rel=1e-6
    )
