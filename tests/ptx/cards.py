"""NVIDIA's cards, as far as the performance model must know them."""

from typing import Any, NamedTuple

from tests.ptx.occupancy import ARCHITECTURES, LIMITS, Architecture


class Card(NamedTuple):
    """A GPU: what its data sheet says, or its driver.

    Attributes
    ----------
    name : str
    capability : (int, int)
    memory : float
        GB/s.
    clock : float
        GHz, the highest that is promised under load.
    processors : int
    double : int
        How many times slower float64 is than float32.
    """

    name: str
    capability: tuple[int, int]
    memory: float
    clock: float
    processors: int
    double: int

    @property
    def lanes(self) -> int:
        """Float32 instructions that a multiprocessor starts in a clock."""
        return 64 if self.capability in ((7, 5), (8, 0)) else 128

    @property
    def single(self) -> float:
        """TFLOP/s in float32; a fused product and sum are two."""
        return 2 * self.lanes * self.processors * self.clock / 1e3

    @property
    def architecture(self) -> Architecture:
        """What its multiprocessors hold; of an unknown card as the newest known one that is not newer."""
        return LIMITS[nearest(self.capability, tuple(LIMITS))]

    @property
    def assembled(self) -> tuple[int, int]:
        """The architecture whose machine code stands for its own."""
        return nearest(self.capability, tuple(ARCHITECTURES))

    def rate(self, each: float) -> float:
        """What happens in a microsecond if a multiprocessor does so much in a clock."""
        return self.processors * self.clock * 1e3 * each

    def share(self, blocks: int) -> float:
        """Of the arithmetic that so many blocks can use."""
        return min(1.0, blocks / self.processors)


def nearest(capability: tuple[int, int], known: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    return max((one for one in known if one <= capability), default=min(known))


CARDS = (
    Card("T4", (7, 5), 320, 1.59, 40, 32),
    Card("A100 SXM 40 GB", (8, 0), 1555, 1.41, 108, 2),
    Card("A100 SXM 80 GB", (8, 0), 2039, 1.41, 108, 2),
    Card("L4", (8, 9), 300, 2.04, 58, 64),
    Card("RTX 4090", (8, 9), 1008, 2.52, 128, 64),
    Card("H100 SXM 80 GB", (9, 0), 3350, 1.98, 132, 2),
    Card("H200 SXM", (9, 0), 4800, 1.98, 132, 2),
    Card("B200", (10, 0), 8000, 1.965, 148, 2),
    Card("RTX 5090", (12, 0), 1792, 2.407, 170, 64),
)


def card_of(device: Any) -> Card:
    """A card by the attributes that its driver tells: kHz, bits, bytes. Memory moves twice in a clock."""
    return Card(
        device.name.decode() if isinstance(device.name, bytes) else str(device.name),
        tuple(device.compute_capability),
        2 * device.MEMORY_CLOCK_RATE * device.GLOBAL_MEMORY_BUS_WIDTH / 8e6,
        device.CLOCK_RATE / 1e6,
        device.MULTIPROCESSOR_COUNT,
        device.SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO,
    )
