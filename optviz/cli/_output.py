"""How results look and where they go: files, paths or a document on standard output, words on standard error."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from optviz.cli import _print, _read
from optviz.cli._groups import GOES, LOOKS, Group, option
from optviz.cli._print import Watcher, watching
from optviz.errors import UsageError
from optviz.files import free_name
from optviz.units import registry

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
Files = list[tuple[Path | BinaryIO, str | None]]  # each with the picture that it shows
STANDARD_OUTPUT = "-"


@dataclass
class Look(Group):
    """How the pictures look; `read` gives what `optviz.draw` takes."""

    panel = LOOKS

    picture: list[str] | None = option("A,B", "What a still picture shows. Several go to files of their own.")
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
    view: str | None = _read.words(
        ("2d", "3d"),
        "A race on a map, or on a solid surface whose heights are the levels of the map's colours. In a video (.mp4, "
        ".webm) the surface turns by 20 degrees in all; in a .gif it stands still, since a turn changes every pixel. "
        "Without it: 2d.",
    )
    camera: str | None = option(
        "AZ,EL[,HEIGHT]",
        "From where the surface is seen: degrees around it, -90 from where y is least, and above the ground; and how "
        "high it is, in widths. Without it: the highest block of which some direction hides at most one iterate in "
        "twenty and no global minimum, from where fewest are hidden.",
        read=_read.camera,
    )

    @property
    def pictures(self) -> list[str]:
        """The pictures of repeated comma lists, each once; none where none is named."""
        return _read.listed("--picture", self.picture)

    def read(self) -> dict[str, Any]:
        """Theme, size and how a moving picture moves, without what was not typed."""
        known = {name: value for name, value in super().read().items() if name != "picture" and value is not None}
        if "camera" in known and known.get("view") != "3d":
            raise UsageError("--camera stands without a surface to see", "Add it: --view 3d")
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
    format: str | None = option(
        "NAME",
        "The format of -o -, which writes to standard output: png.",
        complete=_read.completion(lambda: registry("formats").names()),
    )
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
        first = pictures[0] if pictures else usual[0][1] if beside else None
        for path in self.places(pictures):
            if not isinstance(path, Path):
                files.append((path, first))
            elif len(pictures) > 1 and drawing.has_picture(kind, drawing.check(kind, [path], picture=first).values()):
                # With several pictures a file that holds one becomes as many files.
                files += [(path.with_stem(f"{path.stem}-{name}"), name) for name in pictures]
            else:
                files.append((path, first))
        if not (self.output or self.json):
            files = [(free_name(file), picture) for file, picture in usual]
        if beside:
            for file, _ in files:
                drawing.check(kind, [file], ["figure"], format=self.format)
            files += [(file.with_stem(f"{file.stem}-{beside}"), beside) for file, _ in files if isinstance(file, Path)]
        forms = _forms(kind, files, self.format)
        if pictures and not drawing.has_picture(kind, forms):
            raise UsageError("--picture stands without a picture to write", f"Add one: -o {example or usual[0][0]}")
        if "view" in style and not _of_race(kind, files, self.format):
            raise UsageError("--view stands without a picture of a race to write", "Add one: -o race.gif")
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
                        how = {"picture": picture, "format": self.format, **plan.look}
                        written += drawing.draw(result, file, **how, progress=watcher)
        finally:
            # Whatever becomes of the files, the numbers are not lost.
            if self.json:
                from optviz.writers import provenance

                _print.document(result.to_dict() | {"made": provenance.made()})
            else:
                if tell:
                    tell()
                for path in written:
                    if self.format:  # standard output is a file itself
                        self.note(str(path))
                    else:
                        _print.path(path)
        return written

    def places(self, pictures: Sequence[str] = ()) -> "list[Path | BinaryIO]":
        """What ``-o`` names: paths, and standard output for ``-``, where it can hold what is asked for."""
        if self.json and _print.is_closed(sys.stdout):
            raise UsageError("--json prints to standard output, which is closed", "Write to a file: -o FILE.json")
        if self.format and STANDARD_OUTPUT not in (self.output or ()):
            raise UsageError("--format is the format of -o -", "Leave it out: the ending of a file is its format.")
        found: list[Path | BinaryIO] = []
        for name in self.output or ():
            if name != STANDARD_OUTPUT and not Path(name).name:
                raise UsageError(f"cannot write {name!r}: it names no file", "Give a name with an ending.")
            found.append(self._standard_output(pictures) if name == STANDARD_OUTPUT else Path(name))
        return found

    def _standard_output(self, pictures: Sequence[str]) -> BinaryIO:
        """Standard output as a file, where it can be one."""
        from optviz.writers import FORMATS

        if not self.format:
            raise UsageError("-o - has no ending that tells the format", "Name it: --format png")
        unit = FORMATS[self.format]
        if self.json:
            raise UsageError("-o - stands beside --json, and both go to standard output", "Give one of them.")
        if len(pictures) > 1:
            raise UsageError(f"-o - holds one picture, and --picture names {len(pictures)}", "Name one.")
        if _print.is_closed(sys.stdout):
            raise UsageError("standard output is closed", "Write to a file: -o FILE")
        if sys.stdout.isatty() and not unit.readable:
            raise UsageError(f"a terminal cannot show a .{unit.name} file", "Send it to a file or a program: | or >")
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:  # of a program that has put something else in its place
            raise UsageError("standard output takes only text here", "Write to a file: -o FILE")
        self.format = unit.name
        return stream


PAGE = ".html, a page with values, zoom and tables"  # of ``-o``, where a result has one with its picture
INSTEAD: dict[str, Any] = {"help": "Print one JSON document instead."}  # of ``--json``, where nothing is written


def writes(usual: str, formats: str) -> dict[str, Any]:
    """What is different about ``-o`` of a command: its usual file, if it has one, and its formats."""
    where = f", {usual} here without it; may be repeated" if usual else "; may be repeated"
    return {"help": f"Where to write{where}. The ending picks the format: {formats}"}


def _of_race(kind: type, files: Files, format: str | None) -> bool:
    """Whether one of the files shows a race itself."""
    from optviz import drawing
    from optviz.results import Race

    pictured = [file for file, picture in files if kind is Race and picture in (None, "race")]
    return any(
        {"animation", "figure", "page"} & {*drawing.check(kind, [file], format=format).values()} for file in pictured
    )


def _forms(kind: type, files: Files, format: str | None) -> list[str]:
    """What all files will hold, see `optviz.drawing.check`; refuses one that would be written twice."""
    from optviz import drawing

    forms: list[str] = []
    owners: dict[str, Path | BinaryIO] = {}  # real path -> the file by which it is written
    for given, picture in files:
        for file, form in drawing.check(kind, [given], picture=picture, format=format).items():
            real = os.path.realpath(file) if isinstance(file, Path) else STANDARD_OUTPUT
            if real in owners:
                others = [owner for owner in (owners[real], given) if isinstance(owner, Path)]
                others = [owner for owner in others if os.path.realpath(owner) != real]
                said = f"is written beside {others[0]}" if others else "is named twice"
                shown = file if isinstance(file, Path) else STANDARD_OUTPUT
                raise UsageError(f"-o: {shown} {said}", "Give every file a name of its own.")
            owners[real] = given
            forms.append(form)
    return forms
