"""How many runs have arrived, over the steps: by minimizer for one flock, one line for each of several."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from optviz.figures.engine.axis import Axis, early_steps, ranked
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Drawn, Item, Outline, closed, fill, line, rgba, shapes, stroke
from optviz.figures.engine.panel import CHART, Mark, Panel
from optviz.figures.engine.style import Style
from optviz.figures.engine.text import width
from optviz.figures.engine.timeline import elapsed
from optviz.figures.engine.wording import number, percent
from optviz.figures.swarm_story import Story

HEADING = "runs arrived, by step (log)", "runs arrived, by step", "runs arrived"
LEAST = 38.0  # px of height


def chart(story: Story, colours: Sequence[str], heads: Sequence[str], style: Style, moments: Sequence[int]) -> Panel:
    """The chart; `colours` of the minimizers, `heads` of the optimizers, a line at each of the `moments`, frames."""
    steps = max(story.swarm.steps, 1)
    x = Axis(0.0, float(steps), ranked(lambda at: elapsed(at, steps), early_steps(steps)))
    y = Axis(0.0, 1.0, ranked(np.asarray, (0.0, 1.0, 0.5)), write=percent)
    mark = Arrivals(story, colours, heads, moments)
    frame = replace(CHART, right=width(number(steps), style.small) / 2)
    return Panel(x, y, style, [mark], frame=frame, heading=HEADING, name="chart", least=LEAST)


class Arrivals(Mark):
    """What has happened up to a frame."""

    name = "arrivals"

    def __init__(self, story: Story, colours: Sequence[str], heads: Sequence[str], moments: Sequence[int]):
        self._story, self._colours, self._heads = story, colours, heads
        self._steps = np.floor(story.steps + 1e-9)  # counts change at whole steps
        self._runs, self._moments = len(story.swarm.runs[0].reached), moments

    def moving(self, frame: int) -> Iterator[Item]:
        drawn = [*(self._areas(frame) if len(self._heads) == 1 else self._lines(frame))]
        _, top, _, bottom = self.panel.box
        at = self._steps[[*self._moments]]
        for x, _ in self._placed(at, 0.0 * at).tolist():
            drawn.append(stroke(line((x, top), (x, bottom)), self.panel.style.theme.ink, opacity=0.7))
        if drawn:
            yield shapes(drawn)

    def _lines(self, frame: int) -> list[Drawn]:
        """One line for each flock, and its head."""
        style, lines, ends = self.panel.style, list[Drawn](), list[Drawn]()
        for one, shape in zip(self._story.swarm.runs, self._heads, strict=True):
            steps, (share,) = self._stairs([one.arrived[one.arrived >= 0]], self._steps[frame])
            points = self._placed(steps, share)
            lines.append(stroke(Outline(points), style.theme.ink, style.length(1.5), 0.85))
            mark = head(shape, style.length(4)).moved(*points[-1].tolist())
            ends.append((mark, rgba(style.theme.rim), rgba(style.theme.ink, 0.85), 1.0))
        return [*lines, *ends]

    def _areas(self, frame: int) -> Iterator[Drawn]:
        """One area for each minimizer, stacked, and from the top the runs that have diverged."""
        one = self._story.swarm.runs[0]
        ways = [one.arrived[(one.reached == k) & (one.arrived >= 0)] for k in range(len(self._colours))]
        steps, (*shares, gone) = self._stairs([*ways, one.diverged[one.diverged > 0]], self._steps[frame])
        edges = np.cumsum([np.zeros(len(steps)), *shares], axis=0)
        bands = [(edges[k], edges[k + 1], colour) for k, colour in enumerate(self._colours)]
        for low, high, colour in (*bands, (1 - gone, np.ones(len(gone)), self.panel.style.theme.bad)):
            if self._steps[frame] and (high - low).any():
                border = np.concatenate([self._placed(steps, high), self._placed(steps, low)[::-1]])
                yield fill(closed(border), colour, 0.9)

    def _placed(self, steps: np.ndarray, shares: np.ndarray) -> np.ndarray:
        return self.panel.to_page(np.stack([steps, shares], axis=-1))

    def _stairs(self, events: Sequence[np.ndarray], step: float) -> tuple[np.ndarray, np.ndarray]:
        """How the shares of the runs grew up to a step: stairs of (m,) steps and (len(events), m) shares.

        `events` are the steps at which something happened to so many runs. Each corner but the first and the last is
        there twice, for the foot and the head of a stair.
        """
        known = np.unique(np.concatenate([*events, [0, step]]))
        known = known[known <= step]
        columns = np.floor(2 * self.panel.x.share(known) * self.panel.size[0])
        known = known[np.append(columns[1:] != columns[:-1], True)]  # two stairs a pixel: more would not be seen
        known = known if known[0] == 0 else np.append(0, known)
        upto = [np.searchsorted(np.sort(one), known, side="right") for one in events]
        return np.repeat(known, 2)[1:].astype(float), np.repeat(np.array(upto), 2, axis=1)[:, :-1] / self._runs
