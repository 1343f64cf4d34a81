"""First use of everything that is made when it is first asked for, from several threads and from a signal handler."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

THREADS = 8
PROCESSES = 10
# What a fresh process may be asked for first: each is an expression that gives a text, the same in every thread.
FIRST = {
    "a name of the package": "optviz.OptvizError.__name__ + optviz.Basins.__name__ + optviz.configure.__name__",
    "an optimizer": "optviz.configure('adadelta', lr=0.5).rule.name",
    "a test function": "__import__('optviz.functions').functions.REGISTRY['sphere'].name",
    "a noise model": "__import__('optviz.noise').noise.configure('gaussian:0.5').model.name",
    "a network": "__import__('optviz.networks').networks.REGISTRY['mlp'].name",
    "a data set": "str(__import__('optviz.datasets').datasets.REGISTRY.names())",
    "a format": "str(__import__('optviz.writers').writers.FORMATS.names())",
    "a list of names": "str(__import__('optviz.units').units.find('adam', 'optimizers'))",
    "a step": "step(optviz.optimizer('adam', lr=0.1))",
    "a run": "str(optviz.minimize('sphere', 'sgd', start=(3.0, 4.0), steps=2, lr=0.25).values.tolist())",
    "a race": "str(optviz.race('sphere', ['sgd', 'adam'], lr=0.1, steps=20).trajectories[1].values[-1])",
    "a batch with noise": "str(optviz.minimize_many('sphere', 'momentum', [(1.0, 2.0)], steps=5, lr=0.1,"
    " noise='gaussian:0.5', momentum=0.5).values.tolist())",
    "a picture": "str(optviz.draw(race(), f'{threading.get_ident()}.svg', size=(480, 360))[0].read_bytes())",
    "a table": "str(optviz.draw(race(), f'{threading.get_ident()}.json')[0].read_bytes())",
    "a saved result": "optviz.save(f'{threading.get_ident()}.npz', race())"
    " or str(optviz.load(f'{threading.get_ident()}.npz').steps)",
    "a training": "str(optviz.train(dataset(), 'mlp', ['sgd', 'adam'], epochs=1).runs[1].losses.tolist())",
}
PROGRAM = """
import sys, threading
import numpy

import optviz

barrier = threading.Barrier({threads})
found, lost = [], []

def race():
    return optviz.race("sphere", ["sgd", "adam"], lr=0.1, steps=4)

def dataset():
    from optviz.datasets import folder
    return folder("four")

def step(optimizer):
    x = numpy.ones(3)
    optimizer.step(x, numpy.ones(3), optimizer.init(x))
    return str(x)

def first():
    barrier.wait()
    try:
        found.append({expression})
    except BaseException as error:
        lost.append(f"{{type(error).__name__}}: {{error}}")

sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=first) for _ in range({threads})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(lost or ("the same" if len(set(found)) == 1 else f"{{len(set(found))}} different ones"))
"""


def first_use(folder, expression):
    """What a fresh process says in which several threads ask for the same at once."""
    program = PROGRAM.format(threads=THREADS, expression=expression)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=folder, capture_output=True, text=True, timeout=300
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", ["an optimizer", "a format"])
def test_first_use_from_several_threads(tmp_path, name):
    assert first_use(tmp_path, FIRST[name]) == "the same\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_first_use_from_several_threads_of_everything(tmp_path, name):
    from tests.datasets.files import blobs, write

    write(tmp_path / "four", blobs())
    assert first_use(tmp_path, FIRST[name]) == "the same\n"


# Forks of a process that has imported what optviz needs, but nothing of optviz: fresh as far as optviz is concerned.
FORKS = """
import os, sys
import numba, numpy, PIL.Image
import matplotlib.backends.backend_agg, matplotlib.backends.backend_svg, matplotlib.figure

assert not [name for name in sys.modules if name.startswith("optviz")]
for name, program in {programs}.items():
    for _ in range({processes}):
        child = os.fork()
        if not child:
            try:
                print(name, end=": ")
                exec(program, {{"__name__": "__main__"}})
                sys.stdout.flush()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX")
def test_first_use_from_several_threads_in_many_processes(tmp_path):
    from tests.datasets.files import blobs, write

    write(tmp_path / "four", blobs())
    programs = {name: PROGRAM.format(threads=THREADS, expression=first) for name, first in FIRST.items()}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKS.format(programs=programs, processes=PROCESSES)],
        cwd=tmp_path,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # no threads that a fork would lose
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"{name}: the same" for name in FIRST for _ in range(PROCESSES)]


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="signals are POSIX")
def test_a_signal_handler_that_asks_in_the_middle_of_an_import(tmp_path, monkeypatch):
    """The registry is found half full there: what is in it is given, and nothing is lost for those who ask later."""
    package = tmp_path / "tools_of_test"
    package.mkdir()
    (package / "__init__.py").write_text(
        textwrap.dedent("""
        from types import SimpleNamespace
        from optviz.registry import Registry
        REGISTRY = Registry("tool", "tools_of_test", order=lambda tool: tool.name)
        def tool(name):
            REGISTRY.add(SimpleNamespace(name=name, module=f"tools_of_test.{name}"))
        """)
    )
    for name in ("axe", "hammer", "saw"):
        interrupt = "import os, signal; os.kill(os.getpid(), signal.SIGUSR1)\n" if name == "hammer" else ""
        (package / f"{name}.py").write_text(f"from tools_of_test import tool\n{interrupt}tool({name!r})\n")
    program = """
import signal
from tools_of_test import REGISTRY
heard = []
def handler(*_):
    for name in ("axe", "saw", "hammer"):
        try:
            heard.append(REGISTRY[name].name)
        except Exception as error:
            heard.append(str(error))
signal.signal(signal.SIGUSR1, handler)
print(REGISTRY.names(), heard)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("['axe', 'hammer', 'saw'] ['axe', 'saw', ")
    assert "its module is still being imported" in done.stdout
