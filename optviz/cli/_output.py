"""How results look and where they go: files, paths or a document on standard output, words on standard error."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optviz.cli import _print, _read
from optviz.cli._groups import GOES, LOOKS, Group, option
from optviz.cli._print import Watcher, watching
from optviz.errors import UsageError

if TYPE_CHECKING:
    from optviz.results.table import Table

FRAMES = (2, 1000, "How many frames the moving picture has.")
SIZED: dict[str, Any] = {"help": "Pixels, width by height.", "default": "800x600"}
# What the still pictures of a command's result show, as in `optviz.drawing`, which takes too long to load.
PICTURES = {
    "animate": ("race", "convergence"),
    "explain": ("explain",),
    "train": ("curves", "plane", "rates", "target", "confusion", "mistakes"),
    "basins": ("basins", "values"),
    "sweep": ("sweep",),
    "swarm": ("swarm",),
    "study": ("study", "functions"),
}
Files = list[tuple[Path, str | None]]  # each with the picture that it shows


@dataclass
class Look(Group):
    """How the pictures look; `read` gives what `optviz.draw` takes."""

    panel = LOOKS

    picture: list[str] | None = option("A,B", "What a .png, .svg or .pdf shows. Several go to files of their own.")
    theme: str | None = _read.words(
        ("dark", "light"), "Colours of the picture. Without it: dark; of a page: those of the reader's system."
    )
    size: str | None = option("WxH", "Pixels, width by height. Without it: what suits the picture.", read=_read.pixels)
    fps: str | None = _read.count(1, 50, "Frames a second of the moving picture, 1 to 50. Without it: 25.")
    frames: str | None = _read.count(*FRAMES)
    highlight: list[str] | None = option(
        "A,B",
        "The optimizers in colour, at most 8, all others grey. Without it: all, or of more than 8 the best. May be "
        "repeated.",
    )

    show: str | None = _read.words(
        ("lr", "curvature"),
        "What else a race shows: the learning rates by step, below the curves; or around each minimizer the ellipse of "
        "its curvature, on the map.",
    )

    @property
    def pictures(self) -> list[str]:
        """The pictures of repeated comma lists, each once; none where none is named."""
        return _read.listed("--picture", self.picture)

    def read(self) -> dict[str, Any]:
        """Theme, size and how a moving picture moves, without what was not typed."""
        known = {name: value for name, value in super().read().items() if name != "picture" and value is not None}
        return known | ({"highlight": _read.split("--highlight", self.highlight)} if self.highlight else {})


def pictures(command: str, help: str) -> dict[str, Any]:
    """What is different about ``--picture`` for a command's result: its words, and its help."""
    known = PICTURES[command]
    metavar = "|".join(known) if len(known) == 2 else "A,B"
    return {"metavar": metavar, "help": help, "complete": _read.completion(lambda: known, several=True)}


@dataclass
class Plan:
    """The files that a command will write, what each holds (`optviz.drawing.check`), and how they look."""

    files: Files
    forms: list[str]
    look: dict[str, Any]


@dataclass
class Output(Group):
    """Where results go, and how much is said beside them."""

    panel = GOES

    output: list[str] | None = option("FILE", "Where to write.", short="-o")
    json: bool = option(
        None,
        "Print one JSON document, what a .json file holds, instead of paths, and write only what -o names.",
        False,
    )
    quiet: bool = option(None, "Say nothing on standard error but errors.", False, short="-q")
    no_progress: bool = option(None, "Draw no progress bar.", False)
    verbose: int = option(None, "Say how long each part took; -vv shows the traceback of an error.", 0, short="-v")

    def note(self, text: str) -> None:
        """Say a line to people."""
        if not self.quiet:
            _print.on_stderr([text])

    def note_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Say aligned columns to people."""
        for line in _print.aligned(rows):
            self.note(line)

    def note_tables(self, tables: "Iterable[Table]") -> None:
        """Say tables to people, with the sentences that belong to them."""
        if not self.quiet:
            from optviz.writers.terminal import print_tables

            print_tables(tables)

    @contextmanager
    def working(self, name: str, begin: str = "loading") -> Iterator[Watcher]:
        """A progress bar for a part of the work, which begins with other words; ``-v`` says how long the part took."""
        started = time.perf_counter()
        with watching(self.quiet or self.no_progress) as watcher:
            watcher.begin(begin)
            yield watcher
        if self.verbose:
            self.note(f"{name}: {time.perf_counter() - started:.2f} s")

    def plan(
        self,
        kind: type,
        look: Look,
        usual: Sequence[tuple[str, str | None]] = (),
        *,
        example: str = "",
        beside: str = "",
    ) -> Plan:
        """Every file that will be written, with the picture it shows; refuses what cannot be.

        `usual` is written without ``-o``, under other names where those are taken, and not beside a document.
        `example` is a file that would hold a picture, by default the first usual one. `beside` is a second picture
        that goes beside each file; then all of them are still pictures.
        """
        style, pictures = look.read(), look.pictures
        from optviz import drawing

        files: Files = []
        for path in map(Path, self.output or ()):
            if not path.name:
                raise UsageError(f"cannot write {str(path)!r}: it names no file", "Give a name with an ending.")
            if len(pictures) > 1 and drawing.has_picture(kind, drawing.check(kind, [path]).values()):
                # With several pictures a file that holds one becomes as many files.
                files += [(path.with_stem(f"{path.stem}-{name}"), name) for name in pictures]
            else:
                files.append((path, pictures[0] if pictures else None))
        if not (self.output or self.json):
            files = [(drawing.free_name(file), picture) for file, picture in usual]
        if beside:
            files += [(file.with_stem(f"{file.stem}-{beside}"), beside) for file, _ in files]
            for file, _ in files:
                drawing.check(kind, [file], ["figure"])
        forms = _forms(kind, files)
        if pictures and not drawing.has_picture(kind, forms):
            raise UsageError("--picture stands without a picture to write", f"Add one: -o {example or usual[0][0]}")
        for name in ("fps", "frames"):
            if name in style and "animation" not in forms and forms:
                raise UsageError(f"--{name} stands without a moving picture to write", "Add one: -o FILE.gif")
        return Plan(files, forms, style)

    def deliver(self, result: Any, plan: Plan, tell: Callable[[], None] | None = None) -> list[Path]:
        """Draw and write a result; then print its document, or tell people of it and print the paths of its files."""
        written: list[Path] = []
        try:
            if plan.files:
                from optviz import drawing
                from optviz.style import OURS

                # Once for all frames: nobody else draws in this process.
                settings = OURS if "animation" in plan.forms else nullcontext()
                with self.working("drawing and writing", "drawing") as watcher, settings:
                    for file, picture in plan.files:
                        written += drawing.draw(result, file, picture=picture, **plan.look, progress=watcher)
        finally:
            # Whatever becomes of the files, the numbers are not lost.
            if self.json:
                _print.document(result.to_dict())
            else:
                if tell:
                    tell()
                for path in written:
                    _print.path(path)
        return written


PAGE = ".html, a page with values, zoom and tables"  # of ``-o``, where a result has one with its picture
INSTEAD: dict[str, Any] = {"help": "Print one JSON document instead."}  # of ``--json``, where nothing is written


def writes(usual: str, formats: str) -> dict[str, Any]:
    """What is different about ``-o`` of a command: its usual file, if it has one, and its formats."""
    where = f", {usual} here without it; may be repeated" if usual else "; may be repeated"
    return {"help": f"Where to write{where}. The ending picks the format: {formats}"}


def _forms(kind: type, files: Files) -> list[str]:
    """What all files will hold, see `optviz.drawing.check`; refuses one that would be written twice."""
    from optviz import drawing

    forms: list[str] = []
    owners: dict[str, Path] = {}  # real path -> the file by which it is written
    for path, picture in files:
        for file, form in drawing.check(kind, [path], picture=picture).items():
            real = os.path.realpath(file)
            if real in owners:
                others = [owner for owner in (owners[real], path) if os.path.realpath(owner) != real]
                said = f"is written beside {others[0]}" if others else "is named twice"
                raise UsageError(f"-o: {file} {said}", "Give every file a name of its own.")
            owners[real] = path
            forms.append(form)
    return forms
