"""Results inside of a user's own Axes: scales, limits, colours and labels are the axes' and the caller's."""

import subprocess
import sys

import matplotlib
import matplotlib.style
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

import optviz
from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.figures.engine.theme import DARK, LIGHT, rgb
from tests.figures import basin_results, comparisons, sweep_results
from tests.figures.races import SEVEN, START, calm, landscape, race, trajectory, wild
from tests.pictures import image, words

PLOTS = {
    "paths": lambda ax: optviz.plot_paths(wild(), ax=ax),
    "map": lambda ax: optviz.plot_map(landscape(), ax=ax),
    "convergence": lambda ax: optviz.plot_convergence(calm(), ax=ax),
    "losses": lambda ax: optviz.plot_convergence(comparisons.comparison(SEVEN[:3]), ax=ax),
    "training": lambda ax: optviz.plot_training(comparisons.comparison(SEVEN[:3], seeds=2), ax=ax),
    "basins": lambda ax: optviz.plot_basins(basin_results.several(2), ax=ax),
    "sweep": lambda ax: optviz.plot_sweep(sweep_results.sweep(theory=sweep_results.theory(), best=(80, 30)), ax=ax),
}
EVERY = pytest.mark.parametrize("name", PLOTS)


def drawn(figure):
    FigureCanvasAgg(figure).draw()


@EVERY
def test_each_draws_into_its_axes_alone_and_returns_artists_of_it(name):
    figure = Figure()
    one, other = figure.subplots(1, 2)
    before = matplotlib.rcParams.copy()
    found = PLOTS[name](other)
    drawn(figure)
    assert not one.has_data() and other.has_data() and matplotlib.rcParams.copy() == before
    for artist in found if isinstance(found, list) else [found]:
        assert artist.axes is other


@EVERY
def test_without_axes_there_is_a_new_figure(name):
    found = PLOTS[name](None)
    figure = (found[0] if isinstance(found, list) else found).figure
    drawn(figure)
    assert len(figure.axes) == 1 and figure.axes[0].get_xlabel()


@EVERY
def test_what_the_caller_has_set_stays(name):
    axes = Figure().add_subplot()
    axes.set(xlabel="mine", ylabel="own", title="ours", facecolor="#101010")
    axes.plot([0.0001, 2.0], [0.1, 0.9], color="red")
    x, y = axes.get_xscale(), axes.get_yscale()
    PLOTS[name](axes)
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("mine", "own", "ours")
    assert (axes.get_xscale(), axes.get_yscale()) == (x, y)
    drawn(axes.figure)


def test_lines_are_lines_of_matplotlib_with_the_colours_of_our_pictures():
    for ground, theme in (("white", LIGHT), ("#0d1117", DARK)):
        for plot, result in ((optviz.plot_paths, calm()), (optviz.plot_convergence, calm())):
            axes = Figure().add_subplot(facecolor=ground)
            lines = plot(result, axes)
            assert [to_hex(line.get_color()) for line in lines] == [theme.optimizers[name] for name in SEVEN]
            assert [text.get_text() for text in axes.legend().get_texts()] == [run.title for run in calm().trajectories]
            drawn(axes.figure)


def test_colours_and_labels_are_the_callers_where_given():
    lines = optviz.plot_paths(calm(["adam", "sgd"]), colors=["red", "blue"], labels={"sgd": "plain"}, linewidth=4)
    assert [line.get_color() for line in lines] == ["red", "blue"]
    assert [line.get_label() for line in lines] == ["Adam", "plain"] and lines[0].get_linewidth() == 4
    (line, *_) = optviz.plot_training(comparisons.comparison(["adam"]), colors={"adam": "green"}, linestyle="--")
    assert line.get_color() == "green" and line.get_linestyle() == "--"
    with pytest.raises(UsageError, match="1 are given for 2"):
        optviz.plot_convergence(calm(["adam", "sgd"]), colors=["red"])


@pytest.mark.parametrize("dpi", [72, 100, 200])
@pytest.mark.parametrize("scale", ["linear", "symlog"])
def test_paths_lie_where_the_axes_say_and_follow_its_limits(scale, dpi):
    run = trajectory("momentum", [START, (-0.9, -1.1), (0.2, 1.3), (1.5, 0.4)], [5, 4, 3, 2])
    axes = Figure(figsize=(6, 5), dpi=dpi).add_subplot(xscale=scale, yscale=scale)
    optviz.plot_paths(race([run]), axes)
    for limits in (None, (-1.3, 1.5)):
        axes.set(xlim=limits, ylim=limits)
        pixels = image(axes.figure)
        for x, y in axes.transData.transform(run.points[1:3]):
            row, column = round(len(pixels) - y), round(x)
            around = pixels[row - 2 : row + 3, column - 2 : column + 3]
            assert np.abs(around - rgb(LIGHT.optimizers["momentum"])).max(axis=2).min() < 60


def test_a_leap_is_fainter_than_a_step():
    run = trajectory("adam", [(-1.9, 0.0), (-1.7, 0.0), (1.9, 0.0)], [3, 2, 1])
    axes = Figure(figsize=(8, 4)).add_subplot(xlim=(-2, 2), ylim=(-1, 1))
    optviz.plot_paths(race([run]), axes, marker="")
    pixels = image(axes.figure)
    height, (step, leap) = len(pixels), axes.transData.transform([(-1.8, 0.0), (0.8, 0.0)])
    ink = [
        255 * 3 - pixels[round(height - y) - 2 : round(height - y) + 2, round(x)].sum(axis=-1).min()
        for x, y in (step, leap)
    ]
    assert ink[1] < 0.8 * ink[0]


def test_twin_axes_and_hidden_paths():
    figure = Figure()
    axes = figure.add_subplot()
    other = axes.twinx()
    lines = optviz.plot_convergence(calm(), ax=axes) + optviz.plot_convergence(calm(), ax=other)
    drawn(figure)
    assert axes.get_yscale() == other.get_yscale() == "log" and {line.axes for line in lines} == {axes, other}
    paths = optviz.plot_paths(calm())
    with_all = image(paths[0].figure)
    paths[3].set_visible(False)
    assert (image(paths[0].figure) != with_all).any()


def test_a_fresh_axes_gets_the_scales_of_what_it_shows():
    assert optviz.plot_convergence(calm())[0].axes.get_yscale() == "log"
    axes = optviz.plot_sweep(sweep_results.sweep()).axes
    assert axes.get_xscale() == "log" and axes.get_xlim() == pytest.approx((6e-4, 3e-2))
    one = sweep_results.sweep()
    places = axes.transAxes.inverted().transform(axes.transData.transform([(lr, 0.9) for lr in one.x.values[::40]]))
    assert places[:, 0] == pytest.approx(one.x.place(one.x.values[::40]) / 120)
    assert places[0, 1] == pytest.approx(float(one.y.place(0.9)) / 90)


def test_a_map_is_of_a_function_by_its_name_or_of_a_race():
    wide = optviz.plot_map("himmelblau", alpha=0.5)
    assert wide.get_extent() == [-5, 5, -5, 5] and wide.get_alpha() == 0.5
    figure = Figure()
    shown, paths = optviz.plot_map(wild(), figure.add_subplot()), optviz.plot_paths(wild(), figure.axes[0])
    drawn(figure)
    assert shown.get_zorder() < min(line.get_zorder() for line in paths)
    with pytest.raises(UnknownNameError, match="rosenbrok"):
        optviz.plot_map("rosenbrok")


def test_unknown_names_are_refused():
    with pytest.raises(UsageError, match="no optimizer 'adma'"):
        optviz.plot_basins(basin_results.several(2), optimizer="adma")
    with pytest.raises(UsageError, match="unknown quantity 'acuracy'"):
        optviz.plot_training(comparisons.comparison(["adam"]), quantity="acuracy")


@pytest.mark.parametrize("style", ["optviz.light", "optviz.dark", "ggplot"])
def test_style_sheets_are_respected(style):
    with matplotlib.style.context(style):
        figure = Figure()
        axes = figure.add_subplot()
        (line, *_) = optviz.plot_convergence(calm(["momentum"]), axes)
        theme = DARK if style == "optviz.dark" else LIGHT
        assert to_hex(line.get_color()) == theme.optimizers["momentum"]
        assert axes.get_facecolor() == Figure().add_subplot().get_facecolor()
        drawn(figure)


def test_a_whole_picture_comes_back_as_a_figure():
    figure = optviz.figure(calm(), theme="light", size=(480, 360))
    assert isinstance(figure, Figure) and figure.get_size_inches() * figure.dpi == pytest.approx((480, 360))
    assert "Bowl" in words(figure) and figure.find("map").size[0] > 100
    assert optviz.figure(calm(), picture="convergence").find("curve").size[0] > 300
    with pytest.raises(UsageError, match="unknown picture 'convergense'"):
        optviz.figure(calm(), picture="convergense")
    with pytest.raises(UsageTypeError, match="cannot draw a int"):
        optviz.figure(3)


def test_no_window_is_ever_asked_for():
    code = (
        "import sys; from tests.figures.test_plots import PLOTS, drawn\n"
        "for plot in PLOTS.values():\n"
        "    found = plot(None)\n"
        "    drawn((found[0] if isinstance(found, list) else found).figure)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_trimmed_save_moves_map_and_marks_together(tmp_path):
    """As notebooks show figures."""
    page = optviz.figure(calm())
    page.savefig(tmp_path / "whole.png")
    page.savefig(tmp_path / "trimmed.png", bbox_inches="tight", pad_inches=0.1)
    opened = (Image.open(tmp_path / f"{name}.png").convert("RGB") for name in ("whole", "trimmed"))
    whole, trimmed = (np.asarray(picture).astype(int) for picture in opened)
    high, wide = trimmed.shape[:2]
    places = ((y, x) for y in range(whole.shape[0] - high + 1) for x in range(whole.shape[1] - wide + 1))
    shares = [(np.abs(whole[y : y + high, x : x + wide] - trimmed).max(axis=-1) > 60).mean() for y, x in places]
    assert min(shares) < 0.02


def test_another_size_is_refused_and_a_notebook_gets_a_picture():
    page = optviz.figure(calm(), theme=None)
    with pytest.raises(UsageError, match="arranged for its own size"):
        page.set_size_inches(12, 4)
    page.set_size_inches(page.get_size_inches())
    assert page._repr_png_().startswith(b"\x89PNG")


def test_properties_of_the_caller_replace_ours():
    lines = optviz.plot_convergence(calm(), color="red", lw=3, label="mine")
    assert {(line.get_color(), line.get_linewidth(), line.get_label()) for line in lines} == {("red", 3, "mine")}


@pytest.mark.parametrize("name", ["plot_paths", "plot_convergence", "plot_training", "plot_basins", "plot_sweep"])
def test_what_is_no_result_or_no_axes_is_refused(name):
    with pytest.raises(UsageTypeError, match="'x' is no"):
        getattr(optviz, name)("x")
    with pytest.raises(UsageTypeError, match="ax is 3"):
        optviz.plot_paths(calm(), ax=3)


def test_a_path_that_leaves_the_map_leaves_its_limits_alone():
    result = optviz.race("rosenbrock", ["sgd", "adam"], steps=20, lr={"sgd": 10.0, "adam": 0.1}, resolution=16)
    ax = Figure().add_subplot()
    optviz.plot_map("rosenbrock", ax=ax)
    limits = ax.get_xlim(), ax.get_ylim()
    optviz.plot_paths(result, ax=ax)
    FigureCanvasAgg(ax.figure).draw()
    assert (ax.get_xlim(), ax.get_ylim()) == limits


def test_the_points_of_gradients_can_be_drawn_where_others_are_reported():
    result = optviz.race("booth", ["ema(sgd, decay=0.9)", "sgd"], lr=0.01, steps=20, resolution=32)
    reported, moved = (optviz.plot_paths(result, iterates=iterates) for iterates in (False, True))
    averaged, plain = result.trajectories
    np.testing.assert_array_equal(np.transpose(reported[0].get_data()), averaged.points)
    np.testing.assert_array_equal(np.transpose(moved[0].get_data()), averaged.iterates)
    np.testing.assert_array_equal(averaged.iterates, plain.points)
    np.testing.assert_array_equal(np.transpose(moved[1].get_data()), plain.points)
