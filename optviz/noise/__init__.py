"""Noise models: what a stochastic gradient is, one formula each.

Only gradients are noisy. Noise of the objective itself, as in De Jong's fourth function or BBOB's noisy functions,
would change nothing: no optimizer here looks at the objective, and pictures and results show it without noise. The
noisy quadratic model (Zhang et al. 2019, arXiv:1907.04164) is `gaussian` with a sigma for each coordinate,
sqrt(c_i / B).
"""

from optviz.noise._model import DRAWS, REGISTRY, NoiseModel, noise
from optviz.noise._setting import NoiseSetting, configure

__all__ = ["DRAWS", "REGISTRY", "NoiseModel", "NoiseSetting", "configure", "noise"]
