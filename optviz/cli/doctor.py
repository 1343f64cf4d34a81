"""``optviz doctor``: what this installation is and has, and what keeps it from a GPU."""

from optviz.cli import _print
from optviz.cli._groups import command
from optviz.cli._output import INSTEAD, Output


@command(
    "What is installed here, and what a GPU needs.",
    """
    Versions, processor, cache, GPU, and what is missing: paste it into a bug report
        doctor
    The same facts for a program
        doctor --json
    """,
    "json",
    json=INSTEAD,
)
def doctor(output: Output) -> None:
    """Say what is installed here, what computes, and what is missing.

    Prints a line for each fact and a verdict: which device optviz uses, and why. Nothing is changed. It ends with exit
    code 0 whatever it finds.
    """
    from optviz.runs import installation

    facts = installation.facts()
    if output.json:
        _print.document(facts)
        return
    _print.rows(list(installation.rows(facts)))
    print()
    _print.line(installation.verdict(facts))
