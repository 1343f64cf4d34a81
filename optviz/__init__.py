"""optviz: see, measure and choose optimizers."""

__version__ = "0.1.0"
