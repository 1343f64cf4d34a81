"""Compiled loops: the only place that imports Numba. A kernel takes plain arrays and scalars and checks nothing."""
