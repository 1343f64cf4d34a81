"""What machine code of float32 must not hold."""

import re


def assert_pure(llvm):
    """No float64 anywhere; the name of a function may have a double in it."""
    assert "float" in llvm and not re.search(r"\b(fpext|double)\b", llvm)
