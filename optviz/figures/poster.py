"""The poster of a race: its map and nothing else, as large as a card of the gallery."""

import numpy as np

from optviz.figures.engine import theme as themes
from optviz.figures.engine.axis import LINEAR, Axis
from optviz.figures.engine.canvas import Canvas
from optviz.figures.engine.panel import Frame, Panel
from optviz.figures.engine.paths import Heads, Paths, Runner
from optviz.figures.engine.relief import Ground, Relief
from optviz.figures.engine.style import Style
from optviz.figures.race import FRAMES, entered
from optviz.figures.race_stage import Moments
from optviz.figures.standings import Standings
from optviz.results import Landscape, Race
from optviz.results.evaluations import by_evaluation
from optviz.style import OURS

SIZE = (480, 360)
BARE = Frame(across=False, along=False)
FACTOR = 1.15  # of trails and heads: a card is seen at little more than half of the poster's size


def around(race: Race) -> tuple[tuple[float, float], tuple[float, float]]:
    """What a poster needs to know of the ground: a square around the view, as wide as the poster is."""
    more = SIZE[0] / SIZE[1] / 2 - 0.5
    ends = [(low - more * (high - low), high + more * (high - low)) for low, high in race.landscape.view]
    return ends[0], ends[1]


def race_poster(race: Race, ground: Landscape, theme: str = "dark") -> np.ndarray:
    """The end of a race on a map without words: what the title says stands beside a poster.

    Parameters
    ----------
    race : Race
    ground : Landscape
        Its function on `around` the race.
    theme : {"dark", "light"}

    Returns
    -------
    (360, 480, 3) uint8
        The view is as high as the poster.
    """
    wide, high = SIZE
    race = by_evaluation(race)
    style = Style(themes.find(theme), FACTOR)
    moments = Moments(Standings(race), race.steps, FRAMES)
    runners = [Runner(*one) for one in zip(entered(race, style), *_courses(race), strict=True)]
    paths = Paths(runners, moments.schedule, moments.ranking)
    heads = Heads(paths, race.start, ground.minimizers, ground.local_minimizers, whole=True)
    x, y = (Axis(*ends, LINEAR, (name,)) for name, ends in zip("xy", ground.view, strict=True))
    marks = [Ground(Relief(ground.values, ground.minimum, style.theme)), paths, heads]
    panel = Panel(x, y, style, marks, frame=BARE, aspect=1.0, pixels=(wide, wide), name="map")
    panel.place((0, 0, wide, wide))
    with OURS:
        canvas, last = Canvas((wide, wide), style.theme.page), FRAMES - 1
        canvas.paint(panel.still())
        canvas.paint(panel.added(-1, last))
        canvas.paint(panel.moving(last))
    cut = (wide - high) // 2
    return canvas.pixels[cut : cut + high, :, :3].copy()


def _courses(race: Race) -> tuple[list[np.ndarray], list[int | None]]:
    return [run.points for run in race.trajectories], [run.diverged_at for run in race.trajectories]
