"""Occupancy against NVIDIA's own calculator.

The numbers are what ``cudaOccMaxActiveBlocksPerMultiprocessor`` of CUDA 13.5's ``cuda_occupancy.h`` gave for the
properties of each architecture. The whole of 9 sizes of blocks x 16 numbers of registers x 10 of shared memory x 5
architectures, 7,200 launches, was compared once and agreed.
"""

import pytest

from tests.ptx.occupancy import ARCHITECTURES, LIMITS, active_blocks, occupancy

KNOWN = [  # threads, registers, bytes of shared memory, blocks on sm_75, 80, 90, 100 and 120
    (32, 10, 0, (16, 32, 32, 32, 24)),
    (33, 16, 0, (16, 32, 32, 32, 24)),
    (64, 32, 0, (16, 32, 32, 32, 24)),
    (64, 40, 12288, (5, 12, 17, 17, 7)),
    (96, 33, 4096, (10, 16, 16, 16, 16)),
    (128, 40, 0, (8, 12, 12, 12, 12)),
    (128, 41, 0, (8, 10, 10, 10, 10)),
    (128, 64, 0, (8, 8, 8, 8, 8)),
    (128, 65, 0, (7, 7, 7, 7, 7)),
    (128, 255, 0, (2, 2, 2, 2, 2)),
    (192, 56, 1000, (5, 6, 6, 6, 6)),
    (256, 32, 0, (4, 8, 8, 8, 6)),
    (256, 40, 1, (4, 6, 6, 6, 6)),
    (256, 64, 16384, (4, 4, 4, 4, 4)),
    (256, 96, 8448, (2, 2, 2, 2, 2)),
    (256, 168, 0, (1, 1, 1, 1, 1)),
    (256, 40, 49152, (1, 3, 4, 4, 2)),
    (512, 72, 33024, (1, 1, 1, 1, 1)),
    (1024, 64, 0, (1, 1, 1, 1, 1)),
    (1024, 65, 0, (0, 0, 0, 0, 0)),
]


@pytest.mark.parametrize(("threads", "registers", "shared", "blocks"), KNOWN)
def test_as_many_blocks_as_the_calculator_of_nvidia_says(threads, registers, shared, blocks):
    assert tuple(active_blocks(each, threads, registers, shared) for each in ARCHITECTURES) == blocks


def test_occupancy_is_a_share_of_warps():
    assert occupancy((8, 0), 128, 40, 0) == 12 * 4 / 64
    assert occupancy((12, 0), 128, 40, 0) == 1
    assert occupancy((7, 5), 33, 16, 0) == 1  # a block of 33 threads takes two warps
    assert occupancy((9, 0), 1024, 65, 0) == 0


def test_architectures_for_which_nothing_is_assembled():
    assert [active_blocks(each, 128, 32, 0) for each in LIMITS if each not in ARCHITECTURES] == [12, 12]
    assert [active_blocks(each, 32, 16, 0) for each in LIMITS if each not in ARCHITECTURES] == [16, 24]
    assert active_blocks((8, 9), 64, 40, 12288) == 7
