"""Formulas as they are written: their text and syntax tree, one formula put into another, and calls in words."""
