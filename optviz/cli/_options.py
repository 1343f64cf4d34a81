"""What runs on test functions: the options that commands share, each with its help and what its values mean."""

from dataclasses import dataclass
from typing import Any

from optviz.cli import _functions, _optimizers, _read
from optviz.cli._groups import LOOKS, RUNS, Group, option
from optviz.cli._output import FRAMES, Output
from optviz.units import TABLES, registry


@dataclass
class RunOptions(Group):
    """What runs on test functions; `read` gives the arguments of the function in Python."""

    panel = RUNS

    function: str = _functions.argument(
        "A test function, which optviz list functions names; a transform of one, tilted(rosenbrock, 30), see optviz "
        "list transforms; a formula in quotes, (1 - x)**2 + y**2; or a function in a file of yours, my.py:f, which is "
        "run."
    )
    functions: list[str] = option(
        "all|@SET|A,B,C",
        "Which test functions, or sets of them as @valley and @classic; optviz list functions names both. Formulas in "
        "quotes and transforms too. May be repeated.",
        ("all",),
        read=_functions.some_functions,
        complete=_read.completion(lambda: [*registry("functions").names(), "all"], several=True),
    )
    optimizers: list[str] = _optimizers.optimizers(
        "Which optimizers, with numbers of their own if need be: adam, adam(beta1=0.5), lookahead(adam, k=5); or sets "
        "of them. optviz list optimizers names both. Contenders of other libraries too, as scipy:BFGS and cma, which "
        "optviz list contenders names. May be repeated.",
        ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam"),
    )
    start: str | None = option("X,Y", "Where every run starts. Without it: the function's own start.", read=_read.point)
    starts: str = _read.count(1, 10_000_000, "From how many starts.", "100")
    bounds: str | None = option(
        "X0:X1,Y0:Y1",
        "The region of the starts, or of the map; X0,X1,Y0,Y1 too. Without it: the function's own. A smaller one zooms "
        "in. Of a formula these are the function's bounds, -5 to 5 without it.",
        read=_read.region,
    )
    set: list[str] | None = option(
        "NAME=VALUE", "Constants of a formula: a=1,b=100. May be repeated.", read=_functions.constants
    )
    instance: str | None = _read.count(
        1, 10_000, "Which instance of a BBOB function: where it is shifted to, and how it is turned. Without it: 1."
    )
    minimum: str | None = option(
        "F|X,Y",
        "The minimum of a formula or of your own function, or a minimizer, if you know it. Without it: the bounds are "
        "searched, and pictures say that it is the lowest value found.",
        read=_functions.minimum,
    )
    resolution: str | None = option(
        "N|NxM",
        "How many runs along x and y; N for both. Without it: one for each pixel of the picture.",
        read=_read.grid,
    )
    steps: str | None = _read.count(1, 1_000_000, "How many steps each run may take.", "300")
    by: str = _read.words(
        ("steps", "evaluations"),
        "What is counted. By evaluations each optimizer runs until it has made --steps of them, the fair count for "
        "solvers and contenders, whose steps cost several.",
        "steps",
    )
    frames: str | None = _read.count(*FRAMES, "100", panel=LOOKS)
    tolerance: str = option(
        "T", "How far above a minimum a run may end that counts as arrived.", "1e-4", read=_read.tolerance
    )
    targets: str = _read.words(
        ("kept", "first"),
        "When a run has reached a target: once it keeps it to the end, or at the first hit, as COCO counts.",
        "kept",
    )
    noise: str | None = _read.unit(
        "noise",
        "Noise in the gradients, as gaussian:0.1; optviz list noise names the models. Without it: none.",
        None,
        "MODEL[:NUMBERS]",
        read=_read.noise,
    )
    lr: list[str] | None = option(
        "[NAME=]LR",
        "Learning rate of one optimizer (adam=0.05) or of all (0.05), or its schedule (adam=cosine(0.1, warmup=5%)); "
        "optviz list schedules names them. May be repeated.",
    )
    defaults: str = _read.words(TABLES, "Whose hyperparameters, and whose formula where they differ.", "torch")
    seed: str = _read.count(0, 2**32 - 1, "Seed of everything that is random.", "0")
    threads: str | None = _read.count(
        1,
        1024,
        "How many threads of the processor; the numbers are the same with any. Without it: one per core.",
        short="-j",
        former="jobs",
    )
    jobs: str | None = _read.count(1, 1024, "How many runs at a time. Without it: one per core.", short="-j")
    device: str = _read.words(
        ("cpu", "cuda", "auto"),
        "What computes: the processor, or an NVIDIA GPU; auto is a GPU where one can be used. optviz doctor says what "
        "is here.",
        "cpu",
        read=False,  # but by what knows the devices
    )

    def read(self, output: Output) -> dict[str, Any]:  # type: ignore[override]
        """The arguments of the run, or a UsageError or MissingError; notes what ``--device auto`` has chosen."""
        values = super().read()
        if "function" in values:
            self._subject = self._chosen(values)
        if "optimizers" in values:
            chosen = _optimizers.settings("--optimizers", values["optimizers"], values["defaults"])
            values["lr"] = _optimizers.rates(self.lr, chosen, values["defaults"])
        from optviz.kernels import devices

        only_cpu = self.only_on_cpu(values)
        device = devices.chosen(self.device, cpu_only=bool(only_cpu))
        if self.device == "auto":
            missing = devices.missing()
            because = f"{only_cpu} is for the CPU" if only_cpu else missing[0] if missing else ""
            output.note(f"device: {device}" + (f": {because}" if because else ""))
        return values | {"device": device}

    @property
    def subject(self) -> _functions.Subject:
        """What the runs are made on, once the options have been read."""
        return self._subject

    def _chosen(self, values: dict[str, Any]) -> _functions.Subject:
        """What the runs are made on. The bounds of a function of one's own are the function's, not those of a view."""
        given = {"minimum": values.pop("minimum", None), "constants": values.pop("set", None)}
        given["instance"] = values.pop("instance", None)
        if "bounds" in values and _functions.is_own(self.function):
            given["bounds"], values["bounds"] = values["bounds"], None
        return _functions.subject(values.pop("function"), given)

    def only_on_cpu(self, values: dict[str, Any]) -> str:
        """The option given that only the CPU has, for which ``--device auto`` is the CPU; or nothing."""
        return next((f"--{name}" for name in ("threads", "jobs") if values.get(name)), "")
