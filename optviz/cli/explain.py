"""``optviz explain``: how an optimizer takes a step."""

from dataclasses import dataclass
from typing import Any

from optviz.cli import _optimizers, _read
from optviz.cli._groups import command, option
from optviz.cli._options import RunOptions
from optviz.cli._output import PAGE, Look, Output, writes

ROWS, FURTHEST = 5, 100_000  # steps of one picture, and the last first one, as in `optviz.runs.points.explain`


@dataclass
class ExplainOptions(RunOptions):
    """What is explained."""

    rule: str = option(
        "RULE",
        "An optimizer, with numbers of its own if need be: adam, adam(beta1=0.5), lookahead(adam, k=5), which optviz "
        "list optimizers names; or one in a file of yours, my.py:rule, which is run.",
        ...,
        argument=True,
        read=_optimizers.one,
        complete=_optimizers.complete_one,
    )
    first: str = _read.count(1, FURTHEST, "The number of the first step that is shown.", "1")

    def read(self, output: Output) -> dict[str, Any]:  # type: ignore[override]
        """The arguments of the run; ``optimizer`` is the rule."""
        optimizer = _optimizers.one("RULE", self.rule)
        values = super().read(output)
        chosen = _optimizers.settings("RULE", [optimizer], values["defaults"])
        values["lr"] = _optimizers.rates(self.lr, chosen, values["defaults"])
        given = {name: value for name, value in values.items() if name not in ("rule", "device")}
        return given | {"optimizer": optimizer}


@command(
    "How an optimizer takes a step.",
    """
    Five steps of Adam on Rosenbrock; leaves adam-explain.png
        explain adam
    Three steps of Nesterov's momentum on a function of your own, column by column
        explain nesterov --function "x**2 + 10*y**2" --start -4,1 --steps 3 -o nesterov.gif
    Steps 100 to 104 of Adam with a falling learning rate, in light colours, as a picture and as numbers
        explain adam --lr "cosine(0.1)" --first 100 --theme light -o adam.svg -o adam.npz
    """,
    "rule function start bounds set minimum instance first steps lr defaults seed",
    "theme size fps",
    function={"argument": False, "default": "rosenbrock"},
    defaults={"default": None},
    steps={"help": f"How many steps are shown, 1 to {ROWS}; later ones with --first.", "default": str(ROWS),
           "read": lambda flag, text: _read.whole(1, ROWS, flag, text)},
    output=writes(
        "RULE-explain.png",
        f".png .svg .pdf, a picture; .gif, column by column, with a .png beside it; {PAGE}; .json .npz, the numbers.",
    ),
)  # fmt: skip
def explain(run: ExplainOptions, look: Look, output: Output) -> None:
    """Show how an optimizer takes a step: each row is a step, each column a part of the formula.

    From left to right: the map with the move and with downhill dashed, the gradient, what the rule keeps and makes of
    it, and the move with its numbers. The columns are told from the formula itself, whatever the rule is.

    The learning rate is tuned unless it is given, by the rule of optviz animate, for a run as long as the function's
    story; with --lr defaults it is that of --defaults. Steps are shown as far as the run does not diverge.

    Prints the paths of the files, one a line; and on standard error a table: every step in numbers.
    """
    arguments = run.read(output)
    from optviz.results import Explanation

    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in arguments["optimizer"])
    stem = "-".join(filter(None, stem.split("-")))[:60]
    plan = output.plan(Explanation, look, [(f"{stem}-explain.png", None)])
    with output.working("tuning and running", "tuning and running") as watcher:
        from optviz.runs.points import explain as runs
        from optviz.runs.points.needed import race_kernels

        with watcher.compiling(race_kernels([arguments["optimizer"]], arguments["defaults"])):
            told = runs.explain(function=run.subject.make(), **arguments)
    from optviz.results.batch_tables import explanation_rows

    output.deliver(told, plan, lambda: output.note_rows(explanation_rows(told)))
