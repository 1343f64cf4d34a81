"""A matplotlibrc in which everything is different that can be, and every picture in every format, drawn under it.

``python -m tests.figures.user_styles FOLDER`` draws into a folder and prints a digest for each file.
"""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib

from optviz.drawing import PICTURES, Result, draw
from optviz.results import Basins, Comparison, Explanation, Race, Study, Swarm, Sweep
from tests.figures import basin_results, comparisons, explanations, planes, races, swarm_results, sweep_results
from tests.studies import study

# One of these is valid for nearly every parameter, and not what it is anyway.
VALUES = """
True;False;7;13;0.37;2.5;3, 100, 2;4, 5;0.1, 0.2;red;lime;lower;upper;dashed;dotted;none;tight;stix;cm;serif;
monospace;bold;italic;small-caps;expanded;top;left;right;inout;butt;projecting;bevel;round;o;magma;svg;pdf;jpg;
major;x;horizontal;horz;heavy;dejavuserif;minor;none, all;data;center;html5;mpl2014;phase;h264;/tmp;%H;UTC+1;
1999-01-01T00:00:00;cycler('color', ['r', 'g']);sqrt;constrained;sans;bitmap;raqm;rgba;user;ax;native;
no_autohint;round_numbers;nearest;a4;lualatex;landscape;rm;serial;concise;window;sphere;42;tab;pdflatex
""".replace("\n", "").split(";")
SIZE = 640, 480
WINDOWS = ("backend", "backend_fallback", "interactive", "toolbar")  # nothing that we draw asks for them


def odd() -> dict[str, str]:
    """A value for each parameter, as it is written in a matplotlibrc, that differs from the usual one."""
    found = {}
    for name, usual in matplotlib.rcParamsDefault.items():
        trial = matplotlib.RcParams()
        for value in VALUES if name not in WINDOWS else ():
            try:
                trial[name] = value
            except Exception:
                continue
            if trial[name] != usual:
                found[name] = value
                break
    return found


def results() -> list[tuple[Result, list[str]]]:
    """Small ones of each kind, and what is to be drawn of each: names of pictures, or endings."""
    compared = comparisons.comparison(["sgd", "adam"], 3, seeds=2)
    misread = comparisons.misread(compared, "adam")
    runs = [races.descent("sgd", 0.7), races.descent("momentum", 0.05), races.descent("adam", 0.2)]
    stills = [name for name in PICTURES[Comparison] if name not in ("plane", "target")]
    return [
        (races.race(runs), [*PICTURES[Race], ".gif", ".html"]),
        (replace(compared, mistakes=(misread,), tuning=comparisons.tuning(["sgd", "adam"])), [*stills, ".html"]),
        (planes.comparison(["sgd", "adam"], 3), ["plane", ".gif"]),
        (basin_results.several(3, 24), [*PICTURES[Basins]]),
        (sweep_results.sweep((60, 40), theory=sweep_results.theory(), best=(20, 20)), [*PICTURES[Sweep]]),
        (swarm_results.swarm(("adam", "sgd"), moments=[0, 3, 40]), [*PICTURES[Swarm], ".gif", ".html"]),
        (study(["sgd", "adam"], ("sphere", "beale"), starts=20), [*PICTURES[Study], ".html"]),
        (explanations.made(), [*PICTURES[Explanation], ".gif", ".html"]),
    ]


def everything(folder: Path, chosen: list[tuple[Result, list[str]]] | None = None) -> dict[str, str]:
    """Digests of every picture in every format, by file name; or of the chosen ones."""
    made = {}
    for result, kinds in chosen or results():
        for kind in kinds:
            endings = [kind] if kind.startswith(".") else [".png", ".svg", ".pdf"]
            for ending in endings:
                name = type(result).__name__ + kind.removesuffix(ending) + ending
                picture = None if kind.startswith(".") else kind
                size = None if ending == ".html" or isinstance(result, Explanation) else SIZE
                for path in draw(result, folder / name, size=size, picture=picture):
                    made[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return made


if __name__ == "__main__":
    for name, digest in everything(Path(sys.argv[1])).items():
        print(digest, name)
