"""From text to one validated setting of a noise model."""

import math
from dataclasses import dataclass

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.noise._model import REGISTRY, NoiseModel


@dataclass(frozen=True)
class NoiseSetting:
    """A noise model with every parameter given.

    Attributes
    ----------
    model : NoiseModel
    parameters : dict of str to tuple of float
        For each parameter one number for all coordinates, or one for each.
    """

    model: NoiseModel
    parameters: dict[str, tuple[float, ...]]

    @property
    def text(self) -> str:
        """The setting as it is written, every number given: ``"gaussian:0.1"``. `configure` makes the same of it."""
        numbers = [_written(value) for values in self.parameters.values() for value in values]
        return f"{self.model.name}:{','.join(numbers)}" if numbers else self.model.name

    def by_coordinate(self, dimension: int) -> tuple[tuple[float, ...], ...]:
        """For each of `dimension` coordinates the parameters in the order of the formula's arguments.

        Raises
        ------
        UsageError
            If there is a number for each coordinate of another dimension.
        """
        for name, values in self.parameters.items():
            if len(values) not in (1, dimension):
                raise UsageError(
                    f"the noise {self.text} has {len(values)} numbers, the function {dimension} variables",
                    f"Give one {name} for all coordinates, or one for each.",
                )
        columns = [values * (dimension // len(values)) for values in self.parameters.values()]
        return tuple(zip(*columns, strict=True)) if columns else ((),) * dimension


def configure(noise: str | NoiseSetting) -> NoiseSetting:
    """Choose a noise model and its numbers.

    Parameters
    ----------
    noise : str or NoiseSetting
        A name and numbers in the order of the model's parameters: ``"gaussian:0.1"``, ``"stable:1.5,0.1"``. A model
        with a single parameter takes one number for all coordinates or one for each: ``"gaussian:0.1,1"``. A setting
        is returned as it is.

    Returns
    -------
    NoiseSetting

    Raises
    ------
    UnknownNameError
        If no noise model has that name.
    UsageError
        If a number is missing, one too many, not a number or out of range.
    UsageTypeError
        If `noise` is neither text nor a setting.
    """
    if isinstance(noise, NoiseSetting):
        return noise
    if not isinstance(noise, str):
        raise UsageTypeError(f"the noise is {shown(noise)}", "Give a noise model as text: gaussian:0.1")
    name, _, rest = noise.partition(":")
    model = REGISTRY[name.strip()]
    words = rest.split(",") if rest.strip() else []
    names = model.parameters
    if model.by_coordinate and words:
        return NoiseSetting(model, {names[0]: tuple(_number(model, names[0], word) for word in words)})
    if len(words) > len(names):
        count = f"{len(names)} number{'' if len(names) == 1 else 's'}"
        raise UsageError(f"{shown(noise)} has {len(words)} numbers, {model.name} takes {count}", _remedy(model))
    given = dict(zip(names, words, strict=False))
    missing = [name for name in names if name not in given and name not in model.defaults]
    if missing:
        raise UsageError(f"{shown(noise)} lacks {' and '.join(missing)}", _remedy(model))
    values = {key: _number(model, key, given[key]) if key in given else model.defaults[key] for key in names}
    if "mean" in model.draws and values["batch"] > values["samples"]:
        raise UsageError(
            f"{model.name}: batch is {values['batch']:g}, samples {values['samples']:g}",
            "A batch holds at most all samples.",
        )
    return NoiseSetting(model, {name: (value,) for name, value in values.items()})


def _remedy(model: NoiseModel) -> str:
    return f"Write {model.usage}, with a number for each name." if model.parameters else f"Write {model.name} alone."


def _number(model: NoiseModel, name: str, word: str) -> float:
    """What is written for a parameter as a float, if it is in range."""
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    low, high = model.ranges.get(name, (-math.inf, math.inf))
    whole = name in model.whole
    if not (math.isfinite(value) and low <= value <= high) or (whole and not value.is_integer()):
        bounds = [f"at least {low:g}"] * (low > -math.inf) + [f"at most {high:g}"] * (high < math.inf)
        kind = "whole" if whole else "finite"
        of = f" of {' and '.join(bounds)}" if bounds else ""
        raise UsageError(f"{model.name}: {name} is {shown(word.strip())}", f"It must be a {kind} number{of}.")
    return value + 0.0  # no negative zero


def _written(value: float) -> str:
    """The shortest text that `float` reads as the same number."""
    return repr(value).removesuffix(".0")
