"""What the gallery holds: races on test functions, and pictures of every other kind, each with the command it shows."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import Function
from optviz.optimizers import REGISTRY as RULES
from optviz.optimizers import SEVEN

# The kinds of pictures in the order of the pages, and what is said of all pictures of a kind.
KINDS: dict[str, str] = {
    "race": "Seven optimizers race from one start on each test function. Their learning rates are tuned with the same "
    "budget; each picture says which rates they are.",
    "kinds": "Optimizers of other kinds on one map: those that see one number beside those that move matrices, choose "
    "their own evaluations, or know the curvature:",
    "surface": "The race on a solid surface, whose heights are the levels of the map's colours:",
    "basins": "Seven optimizers from every start: at which minimizer each ends, and how soon; or which value it "
    "reaches, where hardly a run arrives:",
    "sweep": "Momentum, with other hyperparameters at each pixel: how soon it arrives:",
    "swarm": "Adam from thousands of starts, each in the colour of where it will end:",
    "study": "Seven optimizers on the classic test functions, tuned alike, from the same hundred starts on each:",
    "explain": "How each of the seven takes a step, told from its formula:",
    "mnist": "Seven optimizers train a small network on MNIST, with Keras' hyperparameters; and their weights on the "
    "plane of their two common principal directions, with the loss on it:",
}
MNIST = "mnist"
STEP = "rosenbrock"  # the function on which `explain` takes its steps


@dataclass(frozen=True)
class Picture:
    """A picture with its command.

    Attributes
    ----------
    file : str
        A ``.gif`` has a ``.png`` of its last frame beside it; every picture has a ``.webp``, its poster.
    title : str
    command : str
        What writes it, after ``optviz``.
    kind : str
        One of `KINDS`.
    function : str
        The name of the test function that it shows, or "".
    optimizers : tuple of str
        The names of those that it shows.
    about : str
        A sentence.
    focus : (left, top, right, bottom)
        What the poster shows of it, in its pixels. A race's poster is its map.
    """

    file: str
    title: str
    command: str
    kind: str
    function: str = ""
    optimizers: tuple[str, ...] = SEVEN
    about: str = ""
    focus: tuple[int, int, int, int] = (0, 0, 800, 600)

    @property
    def moves(self) -> bool:
        """Whether it is an animation."""
        return self.file.endswith(".gif")

    @property
    def still(self) -> str:
        """The file that shows it, or its last frame, as a still picture."""
        return str(Path(self.file).with_suffix(".png"))

    @property
    def poster(self) -> str:
        """The file of its poster."""
        return str(Path(self.file).with_suffix(".webp"))

    @property
    def files(self) -> list[str]:
        """All files of it, in the order in which they are written."""
        return [*dict.fromkeys((self.file, self.still, self.poster))]

    def words(self, theme: str) -> list[str]:
        """What stands behind ``optviz`` in the command that makes it in that theme, without where it goes."""
        command = self.command.partition(" -o ")[0].split()
        at = command.index("--view") if "--view" in command else len(command)  # the help's order
        return [*command[:at], *theme_option(theme), *command[at:]]


def theme_option(theme: str) -> list[str]:
    """The words of a command of the gallery that ask for a theme; none for the usual one."""
    return [] if theme == "dark" else ["--theme", theme]


def race(unit: Function) -> Picture:
    """The race on a test function."""
    sentences = " ".join(unit.text.partition("\n\n")[0].split()).split(". ")
    about = ". ".join(one for one in sentences if not one.endswith(":")).rstrip(".") + "."  # no lead to what is below
    return Picture(f"{unit.name}.gif", unit.title, f"animate {unit.name}", "race", unit.name, about=about)


def _kinds(ending: str, function: str, optimizers: tuple[str, ...], about: str, by: str = "") -> Picture:
    file, titles = f"{function}-kinds{ending}", [RULES[name].title for name in optimizers]
    title = f"{FUNCTIONS[function].title}: {', '.join(titles[:-1])} and {titles[-1]}"
    command = f"animate {function} --optimizers {','.join(optimizers)} {by}-o {file}"
    return Picture(file, title, command, "kinds", function, optimizers, about, (32, 72, 481, 511))


def _basins(function: str, about: str) -> Picture:
    title = f"Basins of attraction: {FUNCTIONS[function].title}"
    focus = (62, 112, 752, 605)  # six of the seven maps
    return Picture(f"{function}-basins.png", title, f"basins {function}", "basins", function, about=about, focus=focus)


def _sweep(function: str, about: str) -> Picture:
    title = f"Learning rate and momentum: {FUNCTIONS[function].title}"
    file, focus = f"{function}-momentum-sweep.png", (92, 159, 568, 516)
    return Picture(file, title, f"sweep {function}", "sweep", function, ("momentum",), about, focus)


def _explained(rule: str) -> Picture:
    title = f"How {RULES[rule].title} takes a step"
    about = f"Five steps on {FUNCTIONS[STEP].title}: each row is a step, each column a part of the formula."
    file, focus = f"{rule}-explain.png", (0, 80, 660, 575)  # two steps
    return Picture(file, title, f"explain {rule}", "explain", STEP, (rule,), about, focus)


@functools.cache
def others() -> dict[str, tuple[Picture, ...]]:
    """What is no race on a map, under the names that `write_gallery` knows, in the order of the pages."""
    wells = FUNCTIONS["himmelblau"].title
    surface = Picture(
        "himmelblau-surface.gif",
        f"{wells}, a solid surface",
        "animate himmelblau --view 3d -o himmelblau-surface.gif",
        "surface",
        "himmelblau",
        about="Four wells as they lie, and who rolls into which of them.",
        focus=(0, 72, 464, 507),
    )
    swarm = Picture(
        "himmelblau-swarm.gif",
        f"Thousands of runs of Adam: {wells}",
        "swarm himmelblau",
        "swarm",
        "himmelblau",
        ("adam",),
        "Every dot is a run, in the colour of the minimizer at which it will end.",
        (40, 120, 480, 450),
    )
    study = Picture(
        "study.png",
        "Every optimizer on the classic test functions",
        "study --functions @classic",
        "study",
        about="Who solves how much, how soon, and which differences are more than chance.",
        focus=(420, 255, 1000, 626),
    )
    curves = Picture(
        "mnist.png",
        "MNIST",
        "train -o mnist.png",
        MNIST,
        about="A network of one hidden layer learns to read digits: accuracy and loss, by epoch and by second.",
        focus=(0, 60, 800, 565),
    )
    plane = Picture(
        "mnist-plane.gif",
        "The training plane of MNIST",
        "train -o mnist.gif",
        MNIST,
        about="The ways of seven networks through the space of their weights, and the loss around them.",
        focus=(42, 150, 387, 409),
    )
    return {
        "kinds": (
            _kinds(
                ".gif",
                "rosenbrock",
                ("adam", "lbfgs", "newton", "nelder_mead"),
                "Everyone spends the same number of evaluations, each a dot; an iterate is a step.",
                "--by evaluations ",
            ),
            _kinds(
                ".png",
                "matrix_regression",
                ("adam", "muon", "lbfgs", "newton"),
                "Two of four entries of a matrix: Adam sees numbers, Muon the matrix, Newton the curvature.",
            ),
        ),
        "surface": (surface,),
        "basins": (
            _basins("himmelblau", "Four wells and seven opinions about which of them is near."),
            _basins("mueller_brown", "Three wells; the deepest is not the one that most starts reach."),
            _basins("rastrigin", "Hardly a run arrives: the colour tells the value that each start leads to."),
        ),
        "sweep": (
            _sweep("rosenbrock", "A narrow island of rates that arrive, and theory's line beside it."),
            _sweep("himmelblau", "Much momentum costs steps, and theory's line is where runs begin to diverge."),
        ),
        "swarm": (swarm,),
        "study": (study,),
        "explain": tuple(_explained(rule) for rule in SEVEN),
        MNIST: (curves, plane),
    }


def of_name(name: str) -> tuple[Picture, ...]:
    """The pictures under a name that `write_gallery` knows."""
    return others()[name] if name in others() else (race(FUNCTIONS[name]),)


def every(names: list[str]) -> Iterator[Picture]:
    """The pictures under several names."""
    for name in names:
        yield from of_name(name)
