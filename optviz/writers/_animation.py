"""What writers of animations share: durations that a format can tell, and how long a frame must be held."""

from collections.abc import Sequence

from optviz.errors import UsageError


def check_durations(format: str, durations: Sequence[int], longest: int) -> None:
    """Refuse durations, in milliseconds, that a format cannot tell: none, no frame at all, or one above `longest`.

    Raises
    ------
    UsageError
    """
    if not durations:
        raise UsageError("an animation without frames cannot be written", "Ask for at least one frame.")
    for duration in durations:
        if not 0 < duration <= longest:
            raise UsageError(
                f"{format} cannot show a frame for {duration} ms", f"Choose durations from 1 to {longest} ms."
            )
