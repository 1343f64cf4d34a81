"""Published accuracies of an experiment; apart from other records, so that a list of networks needs no NumPy."""

from dataclasses import dataclass

from optviz.results.words import counted


@dataclass(frozen=True)
class Published:
    """Test accuracies that somebody else reports for the same experiment.

    Attributes
    ----------
    source : str
        Where they stand, and under which conditions they were measured.
    dataset, defaults : str
    batch_size : int
        What a comparison must have in common with it.
    epochs : tuple of int
        After which the accuracies were measured.
    accuracies : dict of str to tuple of float
        For each optimizer, one after each of `epochs`.
    """

    source: str
    dataset: str
    defaults: str
    batch_size: int
    epochs: tuple[int, ...]
    accuracies: dict[str, tuple[float, ...]]

    def headline(self) -> str:
        """The record in one line."""
        epochs = ", ".join(map(str, self.epochs))
        return f"{counted(len(self.accuracies), 'optimizer')} on {self.dataset} after epochs {epochs}"
