"""Tables of text, and the words that they share."""

from collections.abc import Sequence
from dataclasses import dataclass

MINUS, NONE = "−", "–"


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes
    ----------
    title : str
    heads : tuple of tuple of str
        For each column its heading, in parts that may stand on lines of their own or one after the other.
    left : frozenset of int
        The columns of words; those of numbers are aligned on the right.
    rows : tuple of tuple of str
    leading : frozenset of int
        Rows that nothing is distinguishably better than; empty where that says nothing.
    notes : tuple of str
        Sentences that belong below.
    """

    title: str
    heads: tuple[tuple[str, ...], ...]
    left: frozenset[int]
    rows: tuple[tuple[str, ...], ...]
    leading: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


def signed(points: float) -> str:
    """A difference in hundredths of a point with its sign, which is a true minus; 0 has none."""
    text = f"{points:+.2f}".replace("-", MINUS)
    return text[1:] if float(text[1:]) == 0 else text


def listed(words: Sequence[str]) -> str:
    """``A, B and C``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def told_apart(names: Sequence[str], groups: Sequence[Sequence[int]], over: str) -> str:
    """Which cannot be told apart, in a sentence.

    Parameters
    ----------
    names : sequence of str
        Best first.
    groups : sequence of sequence of int
        Of indices, see `optviz.results.pairs.Verdict`.
    over : str
        What they were compared on: ``"5 seeds"``.
    """
    if not groups:
        return f"{'Both' if len(names) == 2 else f'All {len(names)}'} can be told apart over {over}."
    if len(groups[0]) == len(names) > 2:
        return f"None of the {len(names)} can be told from any other over {over}."
    alike = [listed([names[index] for index in group]) for group in groups]
    return f"Cannot be told apart over {over}: {'; '.join(alike)}."
