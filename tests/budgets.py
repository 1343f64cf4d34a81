"""Budgets of tuning as runs record them, for results made by hand."""

JUDGED = "each of 49 judged with its two neighbours"


def nearby(steps=300):
    """Of a race."""
    rule = (
        f"the rate with the lowest settled gap (largest of the last twentieth of {steps} steps), median over 16 nearby "
        f"starts, {JUDGED}; diverged is worst"
    )
    return _budget(rule, 16, steps) | {"jitter": 0.04}


def spread(steps=300, starts=256):
    """Of basins and swarms."""
    rule = (
        f"the rate with the largest share of {starts} starts that arrives, then the fewest of {steps} steps, then the "
        f"lowest gap, {JUDGED}"
    )
    return _budget(rule, starts, steps)


def targets(steps=1000):
    """Of a study."""
    rule = f"the rate with the largest area under its own curve of targets, over 64 starts and {steps} steps, {JUDGED}"
    return _budget(rule, 64, steps)


def _budget(rule, starts, steps):
    grid = {"grid": 49, "most": 49, "low": 1e-6, "high": 100.0, "ends": ()}
    return {"rule": rule, **grid, "starts": starts, "steps": steps, "noise": False}
