"""Style sheets: ``matplotlib.style.use("optviz.dark")`` gives a user's own figures the colours of our pictures."""

import matplotlib
import matplotlib.style
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from optviz.figures.engine.theme import THEMES

CYCLE = ("momentum", "adam", "nesterov", "adamw", "adagrad", "lion", "rmsprop", "adadelta", "sgd")


def settings(theme):
    """What a style sheet says, by the name of the parameter; a # would begin a comment, and colours go without."""
    page, panel, ink, muted, grid = (getattr(theme, n)[1:] for n in ("page", "panel", "ink", "muted", "grid"))
    cycle = ", ".join(f"'{theme.optimizers[name][1:]}'" for name in CYCLE)
    return {
        "figure.facecolor": page,
        "savefig.facecolor": page,
        "axes.facecolor": panel,
        "axes.edgecolor": muted,
        "axes.labelcolor": muted,
        "axes.titlecolor": ink,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": "False",
        "axes.spines.right": "False",
        "axes.grid": "True",
        "axes.axisbelow": "True",
        "axes.prop_cycle": f"cycler('color', [{cycle}])",
        "grid.color": grid,
        "text.color": ink,
        "xtick.color": muted,
        "ytick.color": muted,
        "lines.linewidth": "1.6",
        "legend.facecolor": panel,
        "legend.edgecolor": grid,
        "patch.edgecolor": page,
        "font.family": "DejaVu Sans",
    }


def lines(theme):
    """A style sheet."""
    head = f'# The colours of optviz\'s {theme.name} pictures: matplotlib.style.use("optviz.{theme.name}")'
    return [head, *(f"{name}: {value}" for name, value in settings(theme).items())]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_style_sheet_has_the_colours_of_its_theme(name):
    theme = THEMES[name]
    with matplotlib.style.context(f"optviz.{name}"):
        found = {key: matplotlib.rcParams[key] for key in settings(theme)}
        axes = Figure().add_subplot()
        (line,) = axes.plot([0, 1])
        assert to_hex(axes.get_facecolor()) == theme.panel and to_hex(line.get_color()) == theme.optimizers["momentum"]
    wanted = matplotlib.RcParams()
    wanted.update({key: value for key, value in settings(theme).items() if key != "axes.prop_cycle"})
    assert {key: found[key] for key in wanted} == dict(wanted)
    assert found["axes.prop_cycle"].by_key()["color"] == [theme.optimizers[name] for name in CYCLE]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_style_sheet_is_written_from_its_theme(name):
    from importlib.resources import files

    assert (files("optviz") / f"{name}.mplstyle").read_text().splitlines() == lines(THEMES[name])
