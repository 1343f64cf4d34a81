"""Adam's family with weight decay beside the step instead of inside the gradient: AdamW, AMSGradW, NadamW, AdamaxW."""

from inspect import cleandoc

from optviz.optimizers._spoken import switches
from optviz.optimizers.adam import adam
from optviz.optimizers.adamax import adamax
from optviz.optimizers.amsgrad import amsgrad
from optviz.optimizers.nadam import nadam

PAPER = "Loshchilov & Hutter 2017, arXiv:1711.05101, Algorithm 2"
URL = "https://arxiv.org/abs/1711.05101"

adamw = adam.derived(
    "adamw",
    title="AdamW",
    year=2017,
    reference=PAPER,
    url=URL,
    equation="x ← x − lr λ x − lr m̂ / (√v̂ + ε)",
    text=cleandoc(
        """
        Shrink the iterate by a fixed share in every step, whatever Adam makes of the gradient.

        Decay inside the gradient (Adam's ``weight_decay``) is divided by Adam's denominator like the gradient itself,
        so that weights with large gradients hardly decay. torch, Keras and optax shrink by lr λ, with λ 0.01, 0.004 and
        1e-4. **The paper does not multiply λ by lr, but by the schedule alone**: its λ is a thousand times stronger at
        lr = 0.001, and its 1e-5 here is torch's 0.01 in that measure.
        """
    ),
    defaults={
        "torch": {"weight_decay": 0.01},
        "keras": {"weight_decay": 0.004},
        "paper": {"weight_decay": 1e-5},
        "optax": {"weight_decay": 1e-4},
    },
    decay={"torch": "decoupled", "paper": "scheduled"},
    becomes=switches("adamw", amsgrad=("amsgradw", {})),
    oracles={"torch": "torch.optim.AdamW", "keras": "keras.optimizers.AdamW", "optax": "optax.adamw"},
    module=__name__,
)

amsgradw = amsgrad.derived(
    "amsgradw",
    title="AMSGradW",
    year=2017,
    reference=f"{PAPER}, with the maximum of Reddi et al. 2018",
    url=URL,
    equation="h ← max(h, v),  x ← x − lr λ x − lr m̂ / (√ĥ + ε)",
    text=cleandoc(
        """
        Shrink the iterate beside AMSGrad's step: AdamW with amsgrad=True.

        torch and Keras have it as a flag of AdamW and take their AdamW's λ.
        """
    ),
    defaults={
        "torch": {"weight_decay": 0.01},
        "keras": {"weight_decay": 0.004},
        "paper": {"weight_decay": 1e-5},
        "optax": {"weight_decay": 1e-4},
    },
    decay={"torch": "decoupled", "paper": "scheduled"},
    oracles={"torch": "torch.optim.AdamW(amsgrad=True)", "keras": "keras.optimizers.AdamW(amsgrad=True)"},
    module=__name__,
)

nadamw = nadam.derived(
    "nadamw",
    title="NadamW",
    year=2019,
    reference="Choi et al. 2019, arXiv:1910.05446, Nadam with the decay of AdamW",
    url="https://arxiv.org/abs/1910.05446",
    equation="x ← x − lr λ x − lr m̄ / (√v̂ + ε)",
    text=cleandoc(
        """
        Shrink the iterate beside Nadam's step, as AdamW does beside Adam's.

        It is the baseline of the benchmark AlgoPerf. torch has it as NAdam(decoupled_weight_decay=True), whose λ is 0
        unless it is given; its AdamW's 0.01 is taken here. The variants differ as Nadam's do.
        """
    ),
    defaults={
        "torch": {"weight_decay": 0.01},
        "keras": {"weight_decay": 0.004},
        "paper": {"weight_decay": 0.01},
        "optax": {"weight_decay": 1e-4},
    },
    decay={"torch": "decoupled", "paper": "decoupled"},
    oracles={"torch": "torch.optim.NAdam(decoupled_weight_decay=True)", "optax": "optax.nadamw",
             "keras": "keras.optimizers.Nadam(weight_decay=...)"},
    module=__name__,
)  # fmt: skip

adamaxw = adamax.derived(
    "adamaxw",
    title="AdamaxW",
    year=2017,
    reference=f"{PAPER}, around Adamax; optax.adamaxw",
    url=URL,
    equation="x ← x − lr λ x − lr / (1 − β₁ᵗ) m / u",
    text=cleandoc(
        """
        Shrink the iterate beside Adamax's step, as AdamW does beside Adam's.

        optax names it; Keras's Adamax with weight_decay is the same rule with eps in another place.
        """
    ),
    defaults={
        "torch": {"weight_decay": 0.01},
        "keras": {"weight_decay": 0.004},
        "paper": {"weight_decay": 0.01},
        "optax": {"weight_decay": 1e-4},
    },
    decay={"torch": "decoupled", "paper": "decoupled"},
    oracles={"optax": "optax.adamaxw", "keras": "keras.optimizers.Adamax(weight_decay=...)"},
    module=__name__,
)
