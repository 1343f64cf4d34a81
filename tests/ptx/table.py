"""The table of kernels: what each needs and how much of a multiprocessor it keeps busy, on every architecture.

``python -m tests.ptx.table`` prints it as Markdown; the tests print it when they have ended.
"""

from collections.abc import Iterable, Mapping

from tests.ptx.assemble import Assembled, assembling
from tests.ptx.listing import Kernel, kernels
from tests.ptx.occupancy import ARCHITECTURES

HEAD = ("kernel", "threads", "spills", "stack", "shared", "PTX bytes", *(f"sm_{a}{b}" for a, b in ARCHITECTURES))
NOTE = "For each architecture: registers of a thread, and the share of a multiprocessor's warps that can be active."


def rows(found: Mapping[tuple[Kernel, tuple[int, int]], Assembled]) -> list[tuple[str, ...]]:
    """A row for each kernel: bytes are the largest of its architectures', and those without a result have a dash."""
    result = []
    for kernel in dict.fromkeys(kernel for kernel, _ in found):
        parts = {capability: found.get((kernel, capability)) for capability in ARCHITECTURES}
        known = [part for part in parts.values() if part]
        bytes_ = [max(getattr(part, what) for part in known) for what in ("spills", "stack", "shared")]
        cells = [f"{part.registers} {part.occupancy:4.0%}" if part else "-" for part in parts.values()]
        sizes = [*bytes_, max(len(part.ptx) for part in known)]
        result.append((kernel.name, str(kernel.threads), *(f"{size:,}" for size in sizes), *cells))
    return result


def plain(found: Mapping[tuple[Kernel, tuple[int, int]], Assembled]) -> list[str]:
    """The table in lines, one for each kernel."""
    table = [HEAD, *rows(found)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(_aligned(row, widths)) for row in table]


def markdown(found: Mapping[tuple[Kernel, tuple[int, int]], Assembled]) -> str:
    lines: Iterable[tuple[str, ...]] = [HEAD, ("---", *["---:"] * (len(HEAD) - 1)), *rows(found)]
    return "\n".join(f"| {' | '.join(row)} |".replace("  ", " ") for row in lines) + f"\n\n{NOTE}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


if __name__ == "__main__":
    with assembling((kernel, each) for kernel in kernels() for each in ARCHITECTURES) as pending:
        print(markdown({key: future.result() for key, future in pending.items()}))
