"""Pictures of runs that choose their evaluations: dots where they looked, rings where they stopped, and the count."""

from dataclasses import replace

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.figures.convergence import convergence_figure
from optviz.figures.engine.items import Strokes
from optviz.figures.engine.style import Entrant
from optviz.figures.looks import Looks
from optviz.figures.race import race_animation, race_figure
from optviz.figures.standings import Standings
from optviz.results.evaluations import by_evaluation
from optviz.results.saved import valid
from tests.figures.races import START, bowl, descent, race, trajectory
from tests.pictures import assert_readable, boxes, words


def solver(name="lbfgs", steps=6, each=3, stopped="no descent", rest=0):
    """Descent that looks `each` times in a step, the last time where it goes; and then stops."""
    run = descent(name, 0.1, steps, title="L-BFGS")
    ways = run.points[:-1, None] + np.linspace(0, 1, each + 1)[1:, None] * np.diff(run.points, axis=0)[:, None]
    at = np.repeat(np.arange(1, steps + 1), each)
    last = run.points[-1:].repeat(rest, axis=0)
    return replace(
        run,
        points=np.concatenate([run.points, last]),
        values=np.concatenate([run.values, run.values[-1:].repeat(rest)]),
        evaluations=np.minimum(1 + each * np.arange(steps + rest + 1), 1 + each * steps),
        evaluated=np.concatenate([run.points[:1], ways.reshape(-1, 2)]),
        evaluated_at=np.concatenate([[0], at]),
        stopped=stopped,
    )


def by_steps():
    return race([solver(rest=4), descent("adam", 0.02, 10)])


def by_evaluations(budget=24):
    gone = descent("sgd", 0.7, budget - 1)
    two = replace(descent("momentum", 0.05, (budget - 1) // 2), evaluations=1 + 2 * np.arange((budget + 1) // 2))
    return replace(race([solver(), descent("adam", 0.02, budget - 1), gone, two]), budget=budget)


def test_made_up_races_are_valid():
    assert valid(by_steps()) and valid(by_evaluations())


# Evaluation by evaluation


def test_a_race_by_steps_stays_as_it_is():
    assert by_evaluation(one := by_steps()) is one


def test_a_run_is_where_its_evaluations_have_brought_it():
    told = by_evaluation(by_evaluations())
    for run, drawn in zip(by_evaluations().trajectories, told.trajectories, strict=True):
        assert drawn.steps == 24
        for made in range(25):
            done = max(0, int((run.spent <= made).sum()) - 1)
            if run.diverged_at is None or done < run.diverged_at:
                assert drawn.points[made].tolist() == run.points[done].tolist()
                assert drawn.values[made] == run.values[done]
    solved, adam, gone, two = told.trajectories
    assert solved.stopped_at == 19 and solved.evaluated_at.tolist() == [*range(1, 20)]
    assert adam.points[1:].tolist() == descent("adam", 0.02, 23).points.tolist()
    assert gone.diverged_at == descent("sgd", 0.7, 23).diverged_at + 1 and np.isnan(gone.points[-1]).all()
    assert np.isnan(gone.values[gone.diverged_at + 1 :]).all()


# Dots


class Sheet:
    """A panel of 100 pixels a unit, for marks."""

    def __init__(self, style, low=-2.0, side=400):
        self.style, self.box, self._low = style, (0.0, 0.0, float(side), float(side)), low

    def to_page(self, points):
        return (np.asarray(points) - self._low) * 100

    def ink(self, points):
        return np.ones(len(points))


@pytest.fixture
def style():
    from optviz.figures.engine import theme
    from optviz.figures.engine.style import Style

    return Style(theme.find("dark"))


def dots(items):
    return [tuple(path.vertices[0].round(6)) for item in items for path in item.paths[1::2]]


def test_every_evaluation_is_a_dot_that_comes_with_its_step(style):
    run = solver(steps=4)
    mark = Looks([Entrant("L-BFGS", "#ff8800", "disc")], [run], np.array([0.0, 1.5, 2.0, 4.0]))
    mark.place(Sheet(style))
    expected = [tuple(((point + 2) * 100).round(6)) for point in run.evaluated[1:]]
    assert [dots(mark.added(*frames)) for frames in ((-1, 0), (0, 1), (1, 2), (2, 3))] == [
        [], expected[:3], expected[3:6], expected[6:]
    ]  # fmt: skip
    assert dots(mark.added(-1, 3)) == expected
    (drawn,) = mark.added(-1, 3)
    assert isinstance(drawn, Strokes) and drawn.clip == (0.0, 0.0, 400.0, 400.0)
    assert 0.3 < drawn.edges[1, 3] < 1 and drawn.edges[1, :3].tolist() == pytest.approx([1, 136 / 255, 0])


def test_dots_of_many_evaluations_are_fainter_and_those_elsewhere_are_left_out(style):
    run = trajectory("random", np.tile(START, (2, 1)), np.full(2, bowl(*START)))
    points = np.random.default_rng(0).uniform(-2, 2, (2000, 2))
    points[7], points[8] = np.nan, 1e300
    at = np.r_[0, np.ones(1999, int)]
    looked = replace(run, evaluated=points, evaluated_at=at, evaluations=np.array([1, 2000]))
    mark = Looks([Entrant("Random", "#ff8800", "disc")], [looked], np.array([1.0]))
    mark.place(Sheet(style))
    (drawn,) = mark.added(-1, 0)
    assert len(drawn.paths) == 2 * (1999 - 2) and drawn.edges[1, 3] < 0.3


@pytest.mark.parametrize("chosen", [True, False])
def test_runs_without_kept_evaluations_and_grey_ones_have_no_dots(style, chosen):
    runs = [descent("adam", 0.1), solver()][: 1 + (not chosen)]
    mark = Looks([Entrant("A", "#ff8800", "disc", chosen=chosen)] * len(runs), runs, np.array([6.0]))
    mark.place(Sheet(style))
    assert not [*mark.added(-1, 0)]


# Words and rings


@pytest.mark.thin(4)
@pytest.mark.parametrize("size", [(480, 360), (800, 600), (480, 1080)], ids=str)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("made", [by_steps, by_evaluations])
def test_everything_is_readable(made, theme, size):
    animation = race_animation(made(), size, theme, frames=9)
    for frame in (0, 4, 8):
        assert_readable(animation.page(frame))
    assert_readable(convergence_figure(made(), size, theme))


def test_a_stop_is_told_in_key_table_and_facts():
    said = words(race_figure(by_steps(), (800, 600)))
    assert said.count("stopped: no descent") == 2 and "evaluation" in said  # the table and the key
    assert '"stopped": "no descent"' in race_figure(by_steps(), (800, 600)).comment
    assert "stopped: no descent" in words(convergence_figure(by_steps(), (800, 600)))
    other = race([solver(stopped=""), descent("adam", 0.02, 6)])
    assert not [word for word in words(race_figure(other, (800, 600))) if "stopped" in word]
    assert "evaluation" not in words(race_figure(race([descent("adam", 0.02, 6)]), (800, 600)))


def test_a_stop_is_told_from_its_step_on():
    standings = Standings(by_steps())
    assert [standings.status(0, step).remark for step in (5, 6, 10)] == [
        "",
        "stopped: no descent",
        "stopped: no descent",
    ]
    assert standings.stops == [6, None] and standings.unit == "step"


def test_who_has_arrived_and_stopped_is_told_so():
    run = solver(steps=40, stopped="at rest")
    assert run.gap[-1] < 1e-4
    cells = Standings(race([run])).cells(0, 40, Entrant("A", "#ff8800", "disc"))
    assert cells.remarks[0].endswith(", stopped: at rest") and cells.remark_tone == "good"
    assert cells.remarks[1] == cells.remarks[0].partition(",")[0]


def test_a_ring_stands_around_the_head_from_then_on():
    animation = race_animation(by_steps(), frames=11)
    panel = animation.page(10).find("map")
    heads = next(mark for mark in panel.marks if mark.name == "heads")
    steps = heads._paths.schedule
    assert [len([*heads._rings(frame)]) // 2 for frame in range(11)] == [int(at >= 6) for at in steps]
    last = [*heads._rings(10)][-1][0].vertices[:-1]
    assert last.mean(axis=0) == pytest.approx(heads.shown[10, 0], abs=0.1)


def test_the_count_of_evaluations_is_what_passes():
    animation = race_animation(by_evaluations(), frames=5)
    said = words(animation.page(4))
    assert {"evaluation", "24", "/ 24", "f − f* by evaluation, both log"} <= {*said}
    assert any(word.startswith("at evaluation ") for word in said) and not [
        word for word in said if "step" in word.split()
    ]
    ticks = {word.text for word in boxes(animation.page(4))}
    assert {"0", "24"} <= ticks
    assert {"step", "10", "/ 10"} <= {*words(race_figure(by_steps(), (800, 600)))}


def test_learning_rates_are_drawn_by_evaluation():
    rated = [replace(run, learning_rates=np.linspace(1, 0.1, run.steps + 1)) for run in by_evaluations().trajectories]
    assert "lr by evaluation, both log" in words(
        convergence_figure(replace(by_evaluations(), trajectories=tuple(rated)), (800, 600), show="lr")
    )


# Axes of the user's own


def test_convergence_over_evaluations():
    lines = optviz.plot_convergence(by_steps(), by="evaluations")
    assert lines[0].get_xdata().tolist() == by_steps().trajectories[0].spent.tolist()
    assert lines[1].get_xdata().tolist() == [*range(1, 12)] and lines[0].axes.get_xlabel() == "evaluation"
    lines = optviz.plot_convergence(by_evaluations())
    assert lines[0].axes.get_xlabel() == "evaluation" and lines[0].get_xdata()[-1] == 19
    lines = optviz.plot_convergence(by_evaluations(), by="steps")
    assert lines[0].axes.get_xlabel() == "step" and lines[0].get_xdata()[-1] == 6
    with pytest.raises(UsageError, match="by is 'seconds'"):
        optviz.plot_convergence(by_steps(), by="seconds")
