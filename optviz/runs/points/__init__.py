"""Runs on test functions: one optimizer from one start, or many from many."""
