"""Results as tables: every number of the result is in it, and pandas, polars and xarray are given the same."""

import dataclasses
import sys

import numpy as np
import pytest

from optviz.errors import MissingError
from optviz.results.columns import Tabular
from tests.records import RECORDS, by_evaluations, race

TABULAR = {name: one for name, one in RECORDS.items() if isinstance(one, Tabular)}
TEXTS = {"function", "family", "optimizer", "network", "dataset"}


def test_which_results_are_tables():
    kinds = {type(one).__name__ for one in TABULAR.values()}
    assert kinds == {"Trajectory", "Race", "Batch", "TrainingRun", "Comparison", "Basins", "Sweep", "Study"}


@pytest.fixture(params=TABULAR)
def result(request):
    return TABULAR[request.param]


def test_columns_have_one_length_and_types_that_tell_texts(result):
    table = result.to_columns()
    assert len({len(values) for values in table.values()}) == 1
    for name, values in table.items():
        assert values.ndim == 1
        assert (values.dtype == object) == (name in TEXTS)
        assert name not in TEXTS or all(type(text) is str for text in values)


def test_columns_belong_to_their_reader(result):
    """Whoever writes into a table leaves the result as it was."""
    before = result.to_columns()
    for values in result.to_columns().values():
        values[...] = values[:1] * 0 if values.dtype != object else "other"
    for name, values in result.to_columns().items():
        np.testing.assert_array_equal(values, before[name])


def test_pandas_holds_the_columns(result):
    pandas = pytest.importorskip("pandas")
    columns, table = result.to_columns(), result.to_pandas()
    assert isinstance(table, pandas.DataFrame) and list(table) == list(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(table[name].to_numpy(), values)
        assert table[name].dtype == ("category" if values.dtype == object else values.dtype)
        if name in TEXTS:
            assert list(table[name].cat.categories) == list(dict.fromkeys(values))


def test_polars_holds_the_columns(result):
    polars = pytest.importorskip("polars")
    columns, table = result.to_columns(), result.to_polars()
    assert isinstance(table, polars.DataFrame) and table.columns == list(columns)
    for name, values in columns.items():
        assert table[name].null_count() == 0
        np.testing.assert_array_equal(np.array(table[name].to_list(), values.dtype), values)
        assert name in TEXTS or table[name].to_numpy().dtype == values.dtype
        assert (table[name].dtype == polars.Categorical) == (name in TEXTS)


def test_polars_is_given_names_that_are_not_utf8():
    pytest.importorskip("polars")
    table = dataclasses.replace(RECORDS["comparison"], dataset="data\udcff").to_polars()
    assert set(table["dataset"]) == {"data?"}


def test_tables_of_several_results_stand_together():
    polars = pytest.importorskip("polars")
    pandas = pytest.importorskip("pandas")
    one, other = race({"sgd": "given"}), race({"adam": "given"})
    assert polars.concat([one.to_polars(), other.to_polars()])["optimizer"].n_unique() == 2
    assert pandas.concat([one.to_pandas(), other.to_pandas()])["optimizer"].nunique() == 2


@pytest.mark.parametrize("package", ["pandas", "polars", "xarray"])
def test_a_missing_package_is_named_with_its_extra(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    made = getattr(RECORDS["sweep"], f"to_{package}")
    with pytest.raises(MissingError, match=package) as missing:
        made()
    assert 'pip install "optviz[records]"' in missing.value.remedy


def rows(table, **chosen):
    """The rows of a dict of columns in which some have these values."""
    those = np.logical_and.reduce([table[name] == value for name, value in chosen.items()])
    return {name: values[those] for name, values in table.items()}


@pytest.mark.parametrize("name", ["trajectory", "diverged trajectory", "stopped trajectory"])
def test_a_trajectory_is_a_row_for_each_step(name):
    run = RECORDS[name]
    table = run.to_columns()
    np.testing.assert_array_equal(np.stack([table["x"], table["y"]], axis=1), run.points)
    np.testing.assert_array_equal(table["value"], run.values)
    np.testing.assert_array_equal(table["gap"], run.gap)
    np.testing.assert_array_equal(table["evaluations"], run.spent)
    assert table["step"].tolist() == list(range(run.steps + 1))
    assert set(table["lr"]) == {0.1}


def test_learning_rates_of_a_schedule_are_those_of_its_steps():
    run = dataclasses.replace(RECORDS["trajectory"], learning_rates=np.linspace(1, 0, 5))
    assert run.to_columns()["lr"].tolist() == [1, 0.75, 0.5, 0.25, 0]
    bare = dataclasses.replace(RECORDS["trajectory"], hyperparameters={})
    assert np.isnan(bare.to_columns()["lr"]).all()


def test_other_dimensions_have_numbered_coordinates():
    run = dataclasses.replace(RECORDS["trajectory"], points=np.arange(15.0).reshape(5, 3))
    assert [name for name in run.to_columns() if name.startswith("x")] == ["x1", "x2", "x3"]
    assert {"x1", "x2", "x3"} < set(RECORDS["batch"].to_columns())


@pytest.mark.parametrize("one", [RECORDS["race"], by_evaluations()], ids=["by steps", "by evaluations"])
def test_a_race_is_its_trajectories(one):
    table = one.to_columns()
    assert set(table["seed"]) == {one.seed}
    for run in one.trajectories:
        mine, own = rows(table, optimizer=run.optimizer), run.to_columns()
        for name, values in own.items():
            np.testing.assert_array_equal(mine[name], values)
    assert len(table["step"]) == sum(len(run.values) for run in one.trajectories)


def test_a_batch_is_a_row_for_each_run():
    batch = RECORDS["batch"]
    table = batch.to_columns()
    np.testing.assert_array_equal(np.stack([table["x1"], table["x2"], table["x3"]], axis=1), batch.points)
    for name in ("reached", "arrived", "diverged"):
        np.testing.assert_array_equal(table[name], getattr(batch, name))
    assert table["value"].dtype == np.float32 and np.isnan(table["value"][1])


def test_a_comparison_is_a_row_for_each_epoch():
    comparison = RECORDS["full comparison"]
    table, [run] = comparison.to_columns(), comparison.runs
    for k, epoch in enumerate(run.epochs):
        for name, value in epoch.items():
            np.testing.assert_equal(table[name][k], value)
    assert len(table["epoch"]) == 2 and set(table["network"]) == {"mlp"} and set(table["dataset"]) == {"mnist"}
    assert len(RECORDS["empty comparison"].to_columns()["epoch"]) == 0


def test_a_study_is_a_row_for_each_run():
    from tests.studies import study

    one = study(starts=3)
    table = one.to_columns()
    for f, function in enumerate(one.functions):
        for o, contender in enumerate(one.contenders):
            mine = rows(table, function=function, optimizer=contender.optimizer)
            np.testing.assert_array_equal(mine["gap"], one.gaps[f, o])
            np.testing.assert_array_equal(mine["reached"], one.reached[f, o, -1])
            np.testing.assert_array_equal(mine["diverged"], one.diverged[f, o])
            assert set(mine["lr"]) == {one.rates[f, o]} and mine["start"].tolist() == [0, 1, 2]
    assert "family" not in table
    families = tuple(f"family {k}" for k in range(len(one.functions)))
    grouped = dataclasses.replace(one, families=families).to_columns()
    assert list(dict.fromkeys(zip(grouped["function"], grouped["family"], strict=True))) == list(
        zip(one.functions, families, strict=True)
    )


def test_basins_are_a_row_for_each_start():
    basins = RECORDS["basins"]
    table = basins.to_columns()
    x, y = basins.axes
    for basin in basins.maps:
        mine = rows(table, optimizer=basin.contender.optimizer)
        np.testing.assert_array_equal(mine["value"].reshape(len(y), len(x)), basin.values)
        np.testing.assert_array_equal(mine["reached"].reshape(len(y), len(x)), basin.reached)
        np.testing.assert_array_equal(mine["start_x"].reshape(len(y), len(x))[0], x)
        np.testing.assert_array_equal(mine["start_y"].reshape(len(y), len(x))[:, 0], y)


def test_starts_are_those_of_the_runs():
    import optviz

    basins = optviz.basins("booth", ["sgd"], resolution=(4, 3), steps=3, lr=0.01)
    table = basins.to_columns()
    starts = np.stack([table["start_x"], table["start_y"]], axis=1)
    np.testing.assert_array_equal(table["value"], optviz.minimize_many("booth", "sgd", starts, steps=3, lr=0.01).values)


def test_a_sweep_is_a_row_for_each_pair():
    sweep = RECORDS["sweep"]
    table = sweep.to_columns()
    mine = rows(table, lr=sweep.x.values[1], momentum=sweep.y.values[2])
    for name, grid in (("arrived", sweep.arrived), ("diverged", sweep.diverged), ("value", sweep.values)):
        assert len(mine[name]) == 1
        np.testing.assert_array_equal(mine[name][0], grid[2, 1])


@pytest.mark.parametrize("name", ["sweep", "basins"])
def test_xarray_holds_named_arrays(name):
    xarray = pytest.importorskip("xarray")
    result = RECORDS[name]
    data, table = result.to_xarray(), result.to_columns()
    assert isinstance(data, xarray.Dataset)
    assert list(data.sizes) == {"sweep": ["momentum", "lr"], "basins": ["optimizer", "y", "x"]}[name]
    for one, array in data.data_vars.items():
        assert array.dtype == table[one].dtype and array.attrs["long_name"]
        np.testing.assert_array_equal(array.to_numpy().ravel(), table[one])
    assert data["arrived"].attrs["units"] == "step"
    assert data.attrs["provenance"] == result.provenance() and None not in data.attrs.values()
    x, y = (result.x.values, result.y.values) if name == "sweep" else result.axes
    np.testing.assert_array_equal(data["lr" if name == "sweep" else "x"], x)
    np.testing.assert_array_equal(data["momentum" if name == "sweep" else "y"], y)


def test_an_array_of_xarray_is_its_reader_s():
    pytest.importorskip("xarray")
    before = RECORDS["sweep"].values.copy()
    RECORDS["sweep"].to_xarray()["value"][...] = 7
    np.testing.assert_array_equal(RECORDS["sweep"].values, before)
