"""Arrays on a device whose rules take their gradients elsewhere: moved there, and back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from optviz.optimizers import Setting, check_runs
from optviz.runs.arrays.device import DeviceSteps
from optviz.runs.arrays.device_arrays import DeviceArray, all_described, check_writable
from optviz.runs.arrays.device_bound import copy_into, handle_of
from optviz.runs.arrays.device_checked import check_not_captured
from optviz.runs.arrays.host import Asked
from optviz.runs.arrays.libraries import room_like
from optviz.runs.arrays.looking import look_of


class DeviceLooks:
    """An optimizer's looks on device arrays."""

    def __init__(self) -> None:
        self._steps = DeviceSteps()
        self._looks: dict[int, tuple[Setting, Setting]] = {}
        self._kept: tuple[list[Any], list[Any]] = ([], [])

    @contextmanager
    def at_the_probe(
        self,
        settings: Sequence[Setting],
        names: list[str],
        arrays: list,
        grads: list | None,
        states: list,
        asked: Asked,
    ) -> Iterator[None]:
        """Have the arrays at their probes for a while; the state stays as it is.

        Parameters are those of `optviz.runs.arrays.device.DeviceSteps.step`; gradients are None where nothing asks for
        them.
        """
        looks = [self._look(setting) for setting in settings]
        params, device = all_described([(f"params{name}", array) for name, array in zip(names, arrays, strict=True)])
        for name, array in params:
            check_writable(array, name)
        if device is not None:
            from optviz.kernels.cuda import memory

            with memory.on(device):
                check_not_captured(params, device, "look", "Replay the graph, and then look.")
        rooms = self._rooms([array for _, array in params], device or 0)
        given = rooms if grads is None else grads
        moving = [k for k, gradient in enumerate(given) if gradient is not None]
        described, _ = all_described([("a copy", room) for room in rooms])
        pairs = [(params[k][1], described[k][1]) for k in moving]
        held = [dict(entry) if isinstance(entry, dict) else entry for entry in states]
        self._copied([(copy, array) for array, copy in pairs], params, device)
        try:
            self._steps.step(looks, names, arrays, given, held, asked)
            yield
        finally:
            self._copied(pairs, params, device)

    def _look(self, setting: Setting) -> Setting:
        """The setting that moves arrays to the probe; the same one each time."""
        if id(setting) not in self._looks:
            check_runs(setting, "cuda arrays")
            self._looks[id(setting)] = setting, look_of(setting)
        return self._looks[id(setting)][1]

    def _rooms(self, arrays: Sequence[DeviceArray], device: int) -> list[Any]:
        """Where arrays are kept meanwhile: taken once for arrays of the same forms."""
        from optviz.kernels.cuda import backend, memory

        forms = [(array.shape, array.strides, array.dtype, device) for array in arrays]
        if self._kept[0] != forms:
            with memory.on(device):
                size = sum(array.nbytes for array in arrays)
                backend.check_fits("a copy of the parameters", size, "Give fewer arrays.")
                self._kept = forms, [room_like(array) for array in arrays]
        return self._kept[1]

    def _copied(
        self, pairs: Sequence[tuple[DeviceArray, DeviceArray]], params: Sequence[tuple[str, DeviceArray]], device: Any
    ) -> None:
        """Bring the elements of the second arrays into the first ones, on the parameters' stream."""
        if device is None:
            return
        from optviz.kernels.cuda import memory

        stream = next((array.stream for _, array in params if array.stream is not None), 0)
        with memory.on(device):
            for target, source in pairs:
                copy_into(target, source, handle_of(stream, device))
