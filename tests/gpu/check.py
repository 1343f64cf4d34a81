"""Does optviz compute rightly on this machine's GPU: ``python -m tests.gpu.check`` answers within 8 minutes.

It prints what it finds and writes it to a file in Markdown: what computes, a trial, the same work in two processes, how
long kernels take to compile, every test of ``tests/cuda``, and what NVIDIA's compute-sanitizer sees where it is
installed. The exit code is 0 where all is well, 1 where something failed or had no time, 3 where no GPU can be used.

With ``NUMBA_ENABLE_CUDASIM=1`` a small part runs in Numba's simulator, and the report says so.
"""

import argparse
import contextlib
import glob
import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from optviz.kernels import devices
from optviz.kernels.cuda import backend
from tests.gpu import facts
from tests.gpu.report import (
    POSIX,
    PYTHON,
    ROOT,
    Late,
    Missing,
    Report,
    Wrong,
    asked,
    begun,
    block,
    end,
    items,
    last_line,
    run,
    table,
)

MINUTES = 8.0
TRIAL, TRIAL_SECONDS = [PYTHON, "-m", "optviz.kernels.cuda.trial"], 90.0
EVERY = [PYTHON, "-W", "ignore", "-m", "tests.gpu.every"]
TESTS = ["-m", "slow or not slow", "tests/cuda"]
FEW_TESTS = ["-m", "not slow", "tests/cuda/test_trial.py", "tests/cuda/test_backend.py"]  # for the simulator
WORKERS = 8  # at most: each compiles on a core of its own
SHOWN = 20  # failed tests whose words are in the report
WORDS = 6  # lines of each
GRACE = 25.0  # seconds for pytest to write down what it has, once it is told to stop
KEPT = 0.35  # of the time that is left for what follows the tests, the tools of compute-sanitizer
TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
# What a tool is told besides: memcheck looks at kernels, not at what libraries ask the driver for.
OPTIONS = {"memcheck": ["--report-api-errors", "no"]}
FAULTS = 9  # the exit code by which a tool says that it has found something
FOUND = re.compile(r"\b[1-9]\d* (errors?|hazards?)\b")  # in its summary
PACKAGES = ("nvidia-cuda-sanitizer-api", "nvidia-cuda-sanitizer-api-cu12")
TOOLKITS = ("/usr/local/cuda/bin", "/usr/local/cuda-*/bin", "/opt/cuda/bin")
INSTALL = (
    "compute-sanitizer is not on the PATH, nor where CUDA's toolkit has it. Install it, 18 MB: "
    "`pip install nvidia-cuda-sanitizer-api`, or `nvidia-cuda-sanitizer-api-cu12` for CUDA 12."
)


def trial(report: Report) -> Iterator[str]:
    """In a process that nobody misses."""
    done = run(TRIAL, min(report.left(), TRIAL_SECONDS))
    if done.returncode:
        raise Wrong(last_line(done))
    yield "A kernel of three additions was launched, and gave what it should."


def same_bits(report: Report) -> Iterator[str]:
    """The same program in two processes: the first compiles, the second finds on disk what the first has kept."""
    said = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            done = run(EVERY, report.left(), **fresh(folder))
            if done.returncode:
                yield block((done.stdout + done.stderr).splitlines()[-12:])
                raise Wrong(f"the program ended with {done.returncode}: {last_line(done)}")
            said.append(done.stdout.splitlines())
    differing = [one.partition(":")[0] for one, other in zip(*said, strict=True) if one != other]
    yield "Digests of what every kind of kernel gave, in the first of two processes:"
    yield block(said[0])
    if differing:
        raise Wrong(f"two processes differ in: {', '.join(differing)}")
    kept = "" if backend.SIMULATED else ", with the kernels that the first has kept on disk,"
    yield f"A second process{kept} gave the same bits."


def fresh(folder: str) -> dict[str, str]:
    """An environment in which nothing has been compiled."""
    return {"OPTVIZ_CACHE_DIR": folder, "CUDA_CACHE_PATH": f"{folder}/driver"}


def compile_times(report: Report) -> Iterator[str]:
    """A small study in two processes that share a cache, empty before the first."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first process, nothing compiled", "second process"):
            done = run([*EVERY, "--study"], report.left(), **fresh(folder))
            if done.returncode:
                raise Wrong(f"the {name.partition(',')[0]} ended with {done.returncode}: {last_line(done)}")
            rows.append((name, f"{float(done.stdout):.2f} s"))
    yield "A small study, with kernels for each pair of optimizer and function, from its first call to its last result:"
    yield ""
    yield table(("", "time"), rows)


def tests(report: Report, which: Sequence[str]) -> Iterator[str]:
    """Every test of the folder, in processes side by side."""
    workers = 0 if backend.SIMULATED else min(WORKERS, os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.xml"
        options = [
            "--numprocesses",
            f"{workers}",
            "--dist",
            "worksteal",
            "-p",
            "no:cacheprovider",
            "--tb",
            "short",
            "-q",
        ]
        command = [PYTHON, "-m", "pytest", *options, f"--junit-xml={path}", *which]
        ended = until(command, report.left() * (1 - KEPT if sanitizer() else 1) - GRACE)
        if not path.exists():
            raise (Late if ended is None else Wrong)(f"pytest wrote no results; run it: {' '.join(command[1:])}")
        found = results(path)
    yield from told(found)
    if ended is None:
        raise Late(f"{len(found)} tests have ended; run the others: python -m pytest {' '.join(which)}")
    if ended:
        raise Wrong(f"pytest ended with {ended}")


def until(command: Sequence[str], seconds: float) -> int | None:
    """The exit code of a process, or None if it was told to stop after some seconds."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(max(seconds, 1))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT if POSIX else signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        return None
    finally:
        end(process)


def results(path: Path) -> list[tuple[str, str, float, str]]:
    """Of each test its name, how it ended, its seconds and the words that go with it."""
    found = []
    for case in ElementTree.parse(path).iter("testcase"):
        ended = {child.tag: child for child in case if child.tag in ("failure", "error", "skipped")}
        how = next((tag for tag in ("failure", "error", "skipped") if tag in ended), "passed")
        words = "" if how == "passed" else ended[how].get("message", "") if how == "skipped" else ended[how].text or ""
        file = case.get("classname", "").rpartition(".")[2]
        found.append((f"{file}::{case.get('name')}", how, float(case.get("time", 0)), words))
    return found


def told(found: Sequence[tuple[str, str, float, str]]) -> Iterator[str]:
    """Counts by file, the first lines of what failed, and why tests were skipped."""
    files: dict[str, Counter[str]] = {}
    for name, how, seconds, _ in found:
        counter = files.setdefault(name.partition("::")[0], Counter())
        counter[{"failure": "failed", "error": "failed"}.get(how, how)] += 1
        counter["milliseconds"] += round(1e3 * seconds)
    kinds = ("passed", "failed", "skipped")
    rows = [
        (file, *(f"{counter[kind]}" for kind in kinds), f"{counter['milliseconds'] / 1e3:.1f}")
        for file, counter in sorted(files.items())
    ]
    total = sum(files.values(), Counter())
    rows.append(("all", *(f"{total[kind]}" for kind in kinds), f"{total['milliseconds'] / 1e3:.1f}"))
    yield table(("file", *kinds, "seconds of all processes"), rows)
    failed = [(name, words) for name, how, _, words in found if how in ("failure", "error")]
    for name, words in failed[:SHOWN]:
        lines = [line for line in words.splitlines() if line.strip()]
        shown = [line for line in lines if line.startswith("E ")] or lines
        yield block([name, *shown[:WORDS]])
    if len(failed) > SHOWN:
        yield f"{len(failed) - SHOWN} more failed."
    reasons = Counter(words for _, how, _, words in found if how == "skipped")
    for reason, count in reasons.most_common():
        yield f"- skipped, {count}: {reason}"


def sanitizer() -> str | None:
    """Where compute-sanitizer is: on the PATH, in a toolkit, or in a package."""
    places = [os.environ.get("PATH", "")]
    places += [f"{os.environ[name]}/bin" for name in ("CUDA_HOME", "CUDA_PATH") if os.environ.get(name)]
    places += [place for pattern in TOOLKITS for place in sorted(glob.glob(pattern), reverse=True)]
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            files = importlib.metadata.files(package) or ()
            places += [str(Path(file.locate()).parent) for file in files if file.stem == "compute-sanitizer"]
    return shutil.which("compute-sanitizer", path=os.pathsep.join(places))


def watched(report: Report, tool: str, share: float) -> Iterator[str]:
    """What a tool of compute-sanitizer sees while every kind of kernel runs."""
    if backend.SIMULATED:
        raise Missing("the simulator has no machine code that could be watched")
    found = sanitizer()
    if found is None:
        raise Missing(INSTALL)
    options = ["--tool", tool, "--error-exitcode", f"{FAULTS}", *OPTIONS.get(tool, [])]
    done = run([found, *options, *EVERY], report.left() * share)
    marked = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("=========")]
    summary = [line.strip("= ") for line in marked if "SUMMARY" in line]
    yield f"{tool}: {'; '.join(summary) or 'no summary'}"
    if done.returncode or not summary or any(FOUND.search(line) for line in summary):
        yield block(marked[:40] or (done.stdout + done.stderr).splitlines()[-20:])
        well = done.returncode in (0, FAULTS) and summary
        raise Wrong(f"{tool} {'has found something' if well else f'ended with {done.returncode}'}")


def parts(report: Report) -> Iterator[tuple[str, Callable[[], Iterable[str]]]]:
    """Each part with its title, in order."""
    yield "What computes", lambda: items(facts.everything())
    yield "A trial", lambda: trial(report)
    yield "The same bits in two processes", lambda: same_bits(report)
    yield "Compiling", lambda: compile_times(report)
    yield "Tests", lambda: tests(report, FEW_TESTS if backend.SIMULATED else TESTS)
    for place, tool in enumerate(TOOLS):
        share = 1 / (len(TOOLS) - place)
        yield f"compute-sanitizer, {tool}", lambda tool=tool, share=share: watched(report, tool, share)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked(parser, "gpu-check.md", MINUTES)
    given = parser.parse_args(arguments)
    if reason := devices.missing():
        print(". ".join(reason), file=sys.stderr)
        raise SystemExit(3)
    note = facts.SIMULATED if backend.SIMULATED else ""
    report = begun(parser, given, "Does optviz compute rightly on this GPU?", note)
    for title, work in parts(report):
        report.part(title, work)
    print(f"\n{given.output}: {'all is well' if report.well else 'not all is well'}")
    raise SystemExit(not report.well)


if __name__ == "__main__":
    main()
