"""How many of a multiprocessor's warps a kernel keeps busy, from what it needs and what the architecture has.

The limits are those of the CUDA programming guide ("Compute Capabilities"), the rules of allocation those of NVIDIA's
``cuda_occupancy.h``, which comes with the toolkit; `tests/ptx/test_occupancy.py` holds what that computes.
"""

from typing import NamedTuple

WARP = 32
REGISTERS = 65_536  # of a multiprocessor, and at most of a block
PARTITIONS = 4  # of a multiprocessor, each with its part of the registers
REGISTER_UNIT = 256  # registers are given to a warp in multiples


class Architecture(NamedTuple):
    """What a multiprocessor has.

    Attributes
    ----------
    warps, blocks : int
        That it holds at most.
    shared : int
        Bytes of shared memory.
    shared_unit, reserved : int
        Bytes: shared memory is given to a block in multiples; and so many the system keeps for itself in each block.
    """

    warps: int
    blocks: int
    shared: int
    shared_unit: int
    reserved: int


ARCHITECTURES = {
    (7, 5): Architecture(32, 16, 64 << 10, 256, 0),
    (8, 0): Architecture(64, 32, 164 << 10, 128, 1 << 10),
    (9, 0): Architecture(64, 32, 228 << 10, 128, 1 << 10),
    (10, 0): Architecture(64, 32, 228 << 10, 128, 1 << 10),
    (12, 0): Architecture(48, 24, 100 << 10, 128, 1 << 10),
}
# Those too for which nothing is assembled here.
LIMITS = ARCHITECTURES | {
    (8, 6): Architecture(48, 16, 100 << 10, 128, 1 << 10),
    (8, 9): Architecture(48, 24, 100 << 10, 128, 1 << 10),
}


def active_blocks(capability: tuple[int, int], threads: int, registers: int, shared: int) -> int:
    """Blocks of a kernel that one multiprocessor holds at a time; 0 if it cannot be launched.

    Parameters
    ----------
    capability : (int, int)
        One of `LIMITS`.
    threads : int
        Of a block, 1 to 1024.
    registers : int
        Of a thread.
    shared : int
        Bytes of a block, static and dynamic together.
    """
    architecture = LIMITS[capability]
    warps = -(-threads // WARP)
    of_a_warp = _rounded(registers * WARP, REGISTER_UNIT)
    # A launch is refused as if a block took registers of all partitions alike.
    if of_a_warp * _rounded(warps, PARTITIONS) > REGISTERS:
        return 0
    of_a_block = _rounded(shared + architecture.reserved, architecture.shared_unit)
    limits = [architecture.warps // warps, architecture.blocks]
    if registers:
        limits.append(REGISTERS // PARTITIONS // of_a_warp * PARTITIONS // warps)
    if of_a_block:
        limits.append(architecture.shared // of_a_block)
    return min(limits)


def occupancy(capability: tuple[int, int], threads: int, registers: int, shared: int) -> float:
    """The share of a multiprocessor's warps that can be active at a time; see `active_blocks`."""
    warps = active_blocks(capability, threads, registers, shared) * -(-threads // WARP)
    return warps / LIMITS[capability].warps


def _rounded(number: int, unit: int) -> int:
    return -(-number // unit) * unit
