"""Classes of torch's with arguments that our rules have not: the pair of eps of Adafactor, and all that Muon takes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.matrix_words import cols, newton_schulz, norm, rows, sqrt
from optviz.optimizers import REGISTRY
from optviz.optimizers.muon import sized
from optviz.torch.classes import Rule
from optviz.torch.forms import as_numbers
from optviz.torch.moving import Group

RMS = {None: 0.0, "original": 0.0, "match_rms_adamw": 0.2}  # of Muon's ways to adjust the learning rate


class Adafactor(Rule):
    """What is Adafactor's own: where no eps is given it is the smallest number beside 1, in each parameter's dtype."""

    def _groups_of(self, groups: Sequence[dict[str, Any]]) -> list[Group]:
        found = []
        for group in groups:
            pair, members = as_numbers(group["eps"]), {None: group["params"]}
            if not isinstance(pair, tuple) or len(pair) != 2 or pair[1] is None:
                raise UsageTypeError(
                    f"adafactor: eps is {shown(pair)}", "Give two numbers, of which the first may be None."
                )
            if pair[0] is None:
                dtypes = dict.fromkeys(one.dtype for one in group["params"])
                members = {dtype: [one for one in group["params"] if one.dtype is dtype] for dtype in dtypes}
            for dtype, parameters in members.items():
                given = group if dtype is None else group | {"eps": (torch.finfo(dtype).eps, pair[1])}
                found.append(Group(self._forms.of(given), parameters))
        return found


class Muon(Rule):
    """What is Muon's own: it moves matrices alone."""

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As torch's; parameters of one axis, or of more than two, are refused."""
        super().add_param_group(param_group)
        for parameter in self.param_groups[-1]["params"]:
            if parameter.ndim != 2:
                del self.param_groups[-1]
                raise UsageError(
                    f"a parameter has shape {tuple(parameter.shape)}, and torch's Muon moves matrices",
                    'Give AdamW the others, or take optviz.torch.optimizer("muon", params), which moves all.',
                )


def _scaled(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """torch's word for the scale of a step as our number."""
    word = given.pop("adjust_lr_fn", None)
    if not isinstance(word, str | None) or word not in RMS:
        raise UsageError(f"muon: adjust_lr_fn is {shown(word)}", "Choose from: original, match_rms_adamw")
    return "muon", given | {"rms": RMS[word]}


MUON = replace(
    REGISTRY["muon"],
    variants={},
    vectors=None,
    becomes=_scaled,
    ranges={"ns_steps": (0, 99, True, True), "nesterov": bool},  # type: ignore[dict-item]
    aliases={"ns_coefficients": ("a", "b", "c")},  # type: ignore[dict-item]
    defaults={
        "torch": {
            **{"lr": 0.001, "weight_decay": 0.1, "momentum": 0.95, "nesterov": True},
            **{"a": 3.4445, "b": -4.775, "c": 2.0315, "eps": 1e-7, "ns_steps": 5, "rms": 0.0},
        }
    },
)


@MUON.formula("torch")
def muon(X, G, M, lr, weight_decay, momentum, nesterov, a, b, c, eps, ns_steps, rms):  # type: ignore[no-untyped-def]
    M = momentum * M + (1 - momentum) * G
    U = (1 - momentum) * G + momentum * M if nesterov else M
    step = newton_schulz(U / max(norm(U), eps), ns_steps, a, b, c)
    scale = sized(X) if rms == 0 else rms * sqrt(max(rows(X), cols(X)))
    return (1 - lr * weight_decay) * X - lr * scale * step, M


ADAFACTOR = replace(
    REGISTRY["adafactor"],
    ranges=REGISTRY["adafactor"].ranges
    | {"decay_power": (0, float("inf"), True, False), "d": (1, float("inf"), True, False)},
)
CLASSES = {"adafactor": (Adafactor, ADAFACTOR), "muon": (Muon, MUON)}
