"""``optviz basins``: from which starts each optimizer arrives, and where."""

from optviz.cli._groups import command
from optviz.cli._options import RunOptions
from optviz.cli._output import PAGE, Look, Output, pictures, writes


@command(
    "From which starts each optimizer arrives, and where.",
    """
    Where seven optimizers end from every start; leaves himmelblau-basins.png
        basins himmelblau
    A fractal edge followed down, momentum alone, its learning rate given
        basins himmelblau --optimizers momentum --lr 0.01 --bounds -1:0,-2:-1 -o edge.png
    Noisy gradients; the values reached as a picture, the grids as numbers
        basins goldstein_price --optimizers sgd,adam --noise gaussian:0.1 --picture values -o a.svg -o a.npz
    """,
    "function optimizers bounds set minimum instance resolution steps tolerance noise lr defaults seed threads device",
    "picture theme size",
    picture=pictures(
        "basins",
        "Which minimizer is reached, or which value. Both, as basins,values, go to files of their own. "
        "Without it: basins.",
    ),
    output=writes("FUNCTION-basins.png", f".png .svg .pdf .webp .avif, a picture; {PAGE}; .json .npz, the numbers."),
)
def basins(run: RunOptions, look: Look, output: Output) -> None:
    """Start each optimizer at every point of a grid and draw where it ends.

    One panel per optimizer, one run per pixel: the colour says which minimizer a run reaches, the brightness how
    soon; black runs reach none. Where few arrive, colours or greys tell the value reached. Learning rates are tuned
    unless they are given: those with the largest share of 256 starts all over the region that arrives, then with the
    fewest steps.

    Prints the paths of the files, one a line; and on standard error a table: learning rate, the share that arrives and
    its median steps, the share that diverges and the share that ends at each minimizer.
    """
    arguments = run.read(output)
    from optviz.results import Basins

    usual = [(f"{run.subject.stem}-{name}.png", name) for name in look.pictures or ["basins"]]
    plan = output.plan(Basins, look, usual)
    with output.working("tuning and running") as watcher:
        from optviz import drawing
        from optviz.runs.points import basins as runs
        from optviz.runs.points.needed import map_kernels

        unit = run.subject.make()
        names, region = arguments["optimizers"], arguments["bounds"] or unit.region
        if arguments["resolution"] is None:
            arguments["resolution"] = drawing.basins_pixels(len(names), region, plan.look.get("size"))
        watcher.begin("tuning and running")
        with watcher.compiling(map_kernels(names, arguments["defaults"], arguments["lr"])):
            result = runs.basins(unit, **arguments, progress=watcher)
    from optviz.results.batch_tables import ends_table

    output.deliver(result, plan, lambda: output.note_tables([ends_table(result)]))
