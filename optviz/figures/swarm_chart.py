"""How many runs have arrived, over the steps: by minimizer for one flock, one line for each of several."""

from collections.abc import Sequence

import numpy as np

from optviz.figures import ticks
from optviz.figures.axis import Axis
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import head
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.timeline import elapsed
from optviz.figures.engine.wording import number
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Outline, closed, rgba, shapes
from optviz.figures.panel import Panel
from optviz.figures.swarm_story import Story

HEADING = "runs arrived, by step (log)"


def chart_width(scale: Scale) -> float:
    """The least width of the panel with its labels."""
    return width("100%", scale.font(12)) + 6 + width(HEADING, scale.font(12))


class Chart:
    """The panel.

    Parameters
    ----------
    story : Story
    colours : sequence of str
        Of the minimizers.
    heads : sequence of str
        Of the optimizers.
    box : (left, top, right, bottom)
        Room for the panel with its labels.
    scale : Scale
    theme : Theme
    """

    def __init__(
        self, story: Story, colours: Sequence[str], heads: Sequence[str], box: Box, scale: Scale, theme: Theme
    ):
        self._story, self._colours, self._heads, self._scale, self._theme = story, colours, heads, scale, theme
        small, steps = scale.font(12), story.swarm.steps
        left, right = round(box[0] + width("100%", small) + 6), round(box[2] - width(number(steps), small) / 2)
        inside = (left, round(box[1] + small + scale.length(8)), right, round(box[3] - small - scale.length(8)))
        early = ticks.placed(ticks.early_steps(steps), lambda step: float(elapsed(step, steps)) * (right - left), small)
        columns = tuple((at / (right - left), label) for at, label in early)
        self.panel = Panel(
            inside,
            HEADING,
            Axis(0.0, 1.0, lambda step: elapsed(step, steps), columns),
            Axis(0.0, 1.0, np.asarray, ((0.0, "0"), (0.5, "50%"), (1.0, "100%"))),
        )
        self._steps = np.floor(story.steps + 1e-9)  # counts change at whole steps
        self._runs = len(story.swarm.runs[0].reached)

    def still(self) -> list[Item]:
        """Ground, rules and labels."""
        return [*self.panel.ground(self._scale, self._theme)]

    def drawn(self, frame: int) -> list[Item]:
        """What has happened up to a frame."""
        if len(self._heads) == 1:
            return self._areas(frame)
        story, ink, drawn, ends = self._story, rgba(self._theme.ink, 0.85), [], []
        for flock, shape in enumerate(self._heads):
            one = story.swarm.runs[flock]
            steps, (share,) = self._stairs([one.arrived[one.arrived >= 0]], self._steps[frame])
            line = self.panel.place(steps, share)
            drawn.append((Outline(line), ink, NONE, self._scale.length(1.5)))
            ends.append((head(shape, self._scale.length(4)).moved(*line[-1]), rgba(self._theme.rim), ink, 1.0))
        return [shapes([*drawn, *ends])]

    def marked(self, frames: Sequence[int]) -> list[Item]:
        """A line at each of some frames."""
        left, top, right, bottom = self.panel.box
        at = left + self.panel.x.share(self._steps[[*frames]]) * (right - left)
        lines = [Outline(np.array([(x, top), (x, bottom)])) for x in at]
        return [shapes([(line, rgba(self._theme.ink, 0.7), NONE, 1.0) for line in lines])]

    def _areas(self, frame: int) -> list[Item]:
        """One area for each minimizer, stacked, and from the top the runs that have diverged."""
        one = self._story.swarm.runs[0]
        ways = [one.arrived[(one.reached == k) & (one.arrived >= 0)] for k in range(len(self._colours))]
        steps, (*shares, gone) = self._stairs([*ways, one.diverged[one.diverged > 0]], self._steps[frame])
        edges = np.cumsum([np.zeros(len(steps)), *shares], axis=0)
        bands = [(edges[k], edges[k + 1], rgba(colour, 0.9)) for k, colour in enumerate(self._colours)]
        bands.append((1 - gone, np.ones(len(gone)), rgba(self._theme.bad, 0.9)))
        drawn = []
        for low, high, colour in bands:
            if self._steps[frame] and (high - low).any():
                border = np.concatenate([self.panel.place(steps, high), self.panel.place(steps, low)[::-1]])
                drawn.append((closed(border), NONE, colour, 0.0))
        return [shapes(drawn)] if drawn else []

    def _stairs(self, events: Sequence[np.ndarray], step: float) -> tuple[np.ndarray, np.ndarray]:
        """How the shares of the runs grew up to a step, as stairs.

        Parameters
        ----------
        events : sequence of (n,) int32
            The steps at which something happened to so many runs.
        step : float

        Returns
        -------
        steps : (m,) float64
            Each but the first and the last twice, for the foot and the head of a stair.
        shares : (len(events), m) float64
        """
        known = np.unique(np.concatenate([*events, [0, step]]))
        known = known[known <= step]
        left, _, right, _ = self.panel.box
        columns = np.floor(2 * self.panel.x.share(known) * (right - left))
        known = known[np.append(columns[1:] != columns[:-1], True)]  # two stairs a pixel: more would not be seen
        known = known if known[0] == 0 else np.append(0, known)
        upto = [np.searchsorted(np.sort(one), known, side="right") for one in events]
        return np.repeat(known, 2)[1:].astype(float), np.repeat(np.array(upto), 2, axis=1)[:, :-1] / self._runs
