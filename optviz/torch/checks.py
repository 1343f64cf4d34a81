"""What is refused of the tensors that rules of a kind cannot move."""

from collections.abc import Sequence

import torch

from optviz.errors import UsageError, UsageTypeError
from optviz.optimizers import Setting
from optviz.torch.held import KERNELS, is_shared

ANYWHERE = ("sums", "matrices")  # the kinds, beside element-wise rules, that torch's own operations move too


class SparseError(UsageError, RuntimeError):
    """A gradient is sparse."""


class InferenceError(UsageError, RuntimeError):
    """A tensor was made in inference mode, and is to be moved outside of it."""


class ComplexError(UsageTypeError, RuntimeError):
    """A parameter is complex, and the rule moves real numbers."""


def check_tensors(setting: Setting, parameters: Sequence[torch.Tensor]) -> None:
    """Refuse parameters that rules of a kind cannot move.

    Raises
    ------
    SparseError
    UsageTypeError
    """
    if len({id(parameter) for parameter in parameters}) < len(parameters):
        raise UsageError("a parameter stands twice in a group", "Name it once.")
    for parameter in parameters:
        name = str(parameter.dtype).removeprefix("torch.")
        if not (parameter.is_floating_point() or parameter.is_complex()):
            raise UsageTypeError(f"a parameter is {name}", "Give floating-point numbers.")
        twice = (step == 0 and count > 1 for step, count in zip(parameter.stride(), parameter.shape, strict=False))
        if parameter.numel() and any(twice):
            raise UsageError("a parameter overlaps itself: elements share memory", "Give one of its own: x.clone().")
        if parameter.is_conj() or parameter.is_neg():
            raise UsageError("a parameter is the conjugate of another", "Give one of its own: x.resolve_conj().")
        if parameter.layout is not torch.strided:
            raise SparseError("a parameter is sparse", "Give dense ones, or take torch.optim.SparseAdam.")
        if setting.kind == "element-wise":
            continue
        remedy = "Take an element-wise rule, which moves any: optviz.torch.AdamW."
        if is_shared(parameter):
            problem = f"several processes share a parameter, and {setting.plain_name} is a rule of {setting.kind}"
            raise UsageTypeError(f"{problem}, which needs all of it", remedy)
        if parameter.is_complex():
            raise ComplexError(f"a parameter is {name}, and {setting.plain_name} moves real numbers", remedy)
        if setting.kind not in ANYWHERE and (parameter.dtype not in KERNELS or parameter.device.type != "cpu"):
            what = f"a parameter is {name} on {parameter.device}"
            raise UsageTypeError(f"{what}, and {setting.plain_name} moves float32 and float64 on the processor", remedy)
