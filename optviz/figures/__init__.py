"""The drawing engine, and one file for each picture. Only what is in here imports matplotlib at once."""

from optviz.style import load

load()  # before any module below imports it by itself
