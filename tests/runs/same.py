"""What it means that two comparisons are the same: every byte but the seconds."""

import tempfile
from pathlib import Path

from optviz.results.comparison import Comparison, without_seconds
from optviz.results.saved import save


def content(comparison: Comparison) -> bytes:
    """Everything in a comparison but the seconds: numbers, images and landscapes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "comparison.npz"
        save(file, without_seconds(comparison))
        return file.read_bytes()
