"""A parameter with its state in torch's form: tensors under torch's names, checked once and recognised afterwards."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from optviz.errors import UsageError
from optviz.formulas.formula import ITERATE
from optviz.optimizers import Setting
from optviz.torch.forms import Form

STEP = "step"
MOST_STEPS = 1 << 53
KERNELS: dict[torch.dtype, type] = {torch.float32: np.float32, torch.float64: np.float64}
KERNELS |= {torch.complex64: np.float32, torch.complex128: np.float64}  # as their two parts


class Held:
    """A parameter with its state.

    Parameters
    ----------
    form : Form
        That of its group.
    parameter : tensor
    entry : dict
        What the optimizer's state has of the parameter, empty before its first step.

    Attributes
    ----------
    formula : Formula
        What moves it.
    number : type or None
        What kernels that move it compute in; None where none can.
    slots : list of tensors
        In the order of the formula's slots, of complex numbers the two parts.
    is_inference : bool
        Whether the parameter or its state was made in inference mode, outside of which nothing moves it.
    is_stack : bool
        Whether the last two axes are those of a matrix, of which there are many, as in torch's Adafactor; else a matrix
        has the last axis for its columns and all others for its rows.

    Raises
    ------
    UsageError
        If the state is that of another rule or another parameter.
    """

    def __init__(self, form: Form, parameter: torch.Tensor, entry: dict[str, Any]):
        setting = form.setting
        self._setting, self._moving, self._entry = setting, setting.moving(parameter.ndim), entry
        self.formula, names = self._moving.formula, setting.rule.keys.get("torch", {})
        self.is_stack = bool(self.formula.columns) and parameter.ndim > 2 and setting.variant == "torch"
        self._keys = [names.get(slot, slot) for slot in self.formula.slots]
        scalars = self.formula.table_names if self.formula.recursive else ()
        named = {name: names[name] for name in scalars if name in names}
        self._scalars = named or {name: name for name in scalars}
        if not entry:
            entry[STEP] = torch.tensor(0.0, dtype=torch.float32)
            self._begin(parameter, form.numbers)
        elif names and any(key in entry for key in self._keys):
            self._begin(parameter, form.numbers)  # torch leaves out what is not on: RMSprop's momentum
        self._check(parameter)
        self._is_shared, parameter = is_shared(parameter), local(parameter)
        self._known: list[torch.Tensor] = [local(entry[key]) for key in self._keys]
        self.slots = [self._as_moved(*each) for each in zip(self.formula.slots, self._known, strict=True)]
        self._place, self._dtype, self._stride = parameter.data_ptr(), parameter.dtype, parameter.stride()
        self._shape, self._count = parameter.shape, parameter.numel()
        size = self._count * parameter.element_size()
        self._first, self._end = self._place - size, self._place + size
        tensors = [(key, entry[key]) for key in (STEP, *self._keys)]
        self._tensors = [(key, one, one.data_ptr(), one.numel(), one.dtype, one.stride()) for key, one in tensors]
        can = parameter.device.type == "cpu" and not self.is_stack
        self.number = KERNELS.get(parameter.dtype) if can else None
        alike = all(slot.stride() == self._stride for slot in self._known if slot.ndim)
        self.is_inference = any(one.is_inference() for one in (parameter, *self._known))
        lazy = any(one.is_conj() or one.is_neg() for one in (parameter, *self._known))
        self._is_dense = alike and not lazy and _is_dense(parameter)
        self._is_contiguous = parameter.is_contiguous()
        self._array: np.ndarray | None = None
        self._state: dict[str, np.ndarray] = {}

    def is_of(self, setting: Setting, parameter: torch.Tensor, entry: dict[str, Any]) -> bool:
        """Whether these are the same tensors as before, where they were, and the setting is the same."""
        if setting is not self._setting or parameter.stride() != self._stride or not self._is_there(parameter, entry):
            return False
        return not self._is_shared or all(
            local(entry[key]) is one for key, one in zip(self._keys, self._known, strict=True)
        )

    def place_of(self, parameter: torch.Tensor, gradient: torch.Tensor, entry: dict[str, Any]) -> int | None:
        """Where a gradient lies against which a kernel can move the parameter as before; None where it cannot."""
        if gradient.dtype is not self._dtype or gradient.numel() != self._count or not self._is_there(parameter, entry):
            return None
        if self._is_contiguous:
            if not (parameter.is_contiguous() and gradient.is_contiguous()):
                return None
        elif not parameter.stride() == gradient.stride() == self._stride:
            return None
        if gradient.is_neg() or (self._dtype.is_complex and gradient.is_conj()):
            return None
        place = gradient.data_ptr()
        if self._first < place < self._end and place != self._place:  # they overlap in part
            return None
        return None if place == 0 and self._count else place

    def _is_there(self, parameter: torch.Tensor, entry: dict[str, Any]) -> bool:
        """Whether the parameter's elements and its state are the same tensors, as and where they were."""
        if entry is not self._entry or parameter.data_ptr() != self._place or parameter.dtype is not self._dtype:
            return False
        if parameter.numel() != self._count:
            return False
        for key, tensor, place, size, dtype, stride in self._tensors:
            if tensor.data_ptr() != place or tensor.numel() != size or tensor.dtype is not dtype:
                return False
            if tensor.stride() != stride or entry.get(key) is not tensor:
                return False
        return True

    def suits(self, gradient: torch.Tensor) -> bool:
        """Whether a kernel can move everything as it lies."""
        if self.number is None or not self._is_dense or gradient.is_conj() or gradient.is_neg():
            return False
        alike = gradient.dtype is self._dtype and gradient.stride() == self._stride
        return alike and gradient.shape == self._shape

    def is_far(self, gradient: torch.Tensor) -> bool:
        """Whether it is plain that a gradient shares no memory with the parameter."""
        if not (self._is_contiguous and gradient.is_contiguous()):
            return False
        return not self._first < gradient.data_ptr() < self._end

    def row(self) -> tuple[int, ...]:
        """What `optviz.kernels.table.table_of` takes, without the place of a gradient."""
        size = self._count * (2 if self._dtype.is_complex else 1)
        return size, self._place, 0, *[slot.data_ptr() for slot in self._known]

    def array(self, parameter: torch.Tensor) -> np.ndarray:
        """The parameter as NumPy's array of the same memory; the same one as long as it is the same memory."""
        if self._array is None:
            self._array = real(parameter).numpy()
            self._state = {name: slot.numpy() for name, slot in zip(self.formula.slots, self.slots, strict=True)}
        return self._array

    def state(self) -> dict[str, Any]:
        """The state likewise, as `optviz.runs.arrays` has it."""
        return {"t": self.steps} | self._state

    @property
    def steps(self) -> int:
        """How many steps have been made.

        Raises
        ------
        UsageError
            If that cannot be.
        """
        number = float(self.counter)
        if not 0 <= number < MOST_STEPS:
            name = self._setting.plain_name
            raise UsageError(
                f"the state of a parameter of {name} counts {number} steps", "Load a checkpoint that is whole."
            )
        return int(number)

    @property
    def counter(self) -> torch.Tensor:
        """The tensor that counts the steps that have been made."""
        return self._entry[STEP]

    @property
    def is_recursive(self) -> bool:
        """Whether a step needs something of the step before."""
        return bool(self._scalars)

    @property
    def before(self) -> dict[str, float]:
        """What the step before left of its step scalars, for those that go on from there."""
        return {name: float(self._entry[key]) for name, key in self._scalars.items() if key in self._entry}

    def leave(self, scalars: dict[str, Any]) -> None:
        """Keep what the next step needs of the scalars of this one."""
        for name, key in self._scalars.items():
            self._entry[key] = float(scalars[name])

    def _begin(self, parameter: torch.Tensor, numbers: Mapping[str, float]) -> None:
        """Make the slots that are not there."""
        entry, like = self._entry, parameter.detach()
        for slot, key in zip(self.formula.slots, self._keys, strict=True):
            if key in entry:
                continue
            begin, shape = self._moving.initial(slot, numbers), self._own_shape(slot, tuple(like.shape))
            if begin == ITERATE:
                entry[key] = like.clone(memory_format=torch.preserve_format)
            elif shape is None:
                number: Any = begin * (1 + 1j) if like.is_complex() else begin  # type: ignore[operator]
                entry[key] = torch.full_like(like, number, memory_format=torch.preserve_format)
            elif self.formula.is_square(slot):
                entry[key] = torch.eye(*shape, dtype=like.dtype, device=like.device) * begin
            else:
                entry[key] = like.new_full(shape, begin)

    def _own_shape(self, slot: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The shape of a slot of its own: as many axes as the parameter where rows or columns have a number each."""
        if slot in self.formula.rows:
            return *shape[:-1], 1
        if slot in self.formula.columns:
            return *(shape[:-2] if self.is_stack else [1] * (len(shape) - 2)), 1, shape[-1]
        return self.formula.own_shape(slot, shape)

    def _as_moved(self, slot: str, tensor: torch.Tensor) -> torch.Tensor:
        """A slot as the formula has it."""
        if slot in self.formula.rows:
            return real(tensor)[..., 0]
        if slot in self.formula.columns and not self.is_stack:
            return real(tensor).reshape(-1)
        return real(tensor)

    def _check(self, parameter: torch.Tensor) -> None:
        entry, name = self._entry, self._setting.plain_name
        for slot, key in zip(self.formula.slots, self._keys, strict=True):
            shape, tensor = self._own_shape(slot, tuple(parameter.shape)), entry.get(key)
            shape = tuple(parameter.shape) if shape is None else shape
            if not isinstance(tensor, torch.Tensor):
                held = ", ".join(entry)
                raise UsageError(
                    f"a parameter's state holds {held}, and {name} needs {key}", "Load a checkpoint of the same rule."
                )
            kinds = [(one.dtype, one.device, getattr(one, "placements", None)) for one in (tensor, parameter)]
            if tuple(tensor.shape) != shape or kinds[0] != kinds[1]:
                raise UsageError(
                    f"a parameter of {name} is {_described(parameter)}, and {key} of its state {_described(tensor)}",
                    "Load a checkpoint of the same model.",
                )
        # torch's SGD and Muon count no steps: what has a state has made one.
        counter = entry.get(STEP, 1.0)
        if not _is_number(counter):
            raise UsageError(
                f"a parameter's state counts {counter!r} steps, for {name}", "Load a checkpoint that is whole."
            )
        if not (isinstance(counter, torch.Tensor) and counter.dtype is torch.float32 and counter.device.type == "cpu"):
            entry[STEP] = torch.tensor(float(counter), dtype=torch.float32)
        left = [key for key in self._scalars.values() if self.steps and not _is_number(entry.get(key))]
        if left:
            raise UsageError(
                f"a parameter's state has no number {left[0]}, which {name} needs",
                "Load a checkpoint of the same rule.",
            )


def local(tensor: torch.Tensor) -> torch.Tensor:
    """What this process holds of a tensor that several share, a DTensor, in its own memory; any other tensor itself."""
    if not is_shared(tensor):
        return tensor
    with torch.no_grad():
        return tensor.to_local()


def is_shared(tensor: torch.Tensor) -> bool:
    """Whether several processes share a tensor."""
    return hasattr(tensor, "to_local")  # whose class takes long to import


def real(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor of complex numbers as their real and imaginary parts; others without their record of gradients.

    Of one that stands for what it is not, conjugate or negative, that is made; of one that several processes share it
    is what this one holds.
    """
    tensor = local(tensor).detach().resolve_conj().resolve_neg()
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor


def _is_dense(tensor: torch.Tensor) -> bool:
    """Whether a tensor's elements lie one after the other, in whatever order."""
    expected = 1
    for step, count in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if count > 1:
            if step != expected:
                return False
            expected *= count
    return True


def _described(tensor: torch.Tensor) -> str:
    shared = f" as {tensor.placements}" if is_shared(tensor) else ""
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')} on {tensor.device}{shared}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, torch.Tensor) and value.numel() == 1)
