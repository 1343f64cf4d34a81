"""The words by which test functions are grouped and told apart."""

# The families of functions, in the order of lists, and what is alike in each.
FAMILIES: dict[str, str] = {
    "bowl": "one minimizer and no way to miss it; what differs is how steep the sides are",
    "valley": "curved or narrow: easy to enter, slow to follow",
    "plate": "nearly flat where the walk is long, and steep where it is not",
    "steep": "ridges, drops and needles: the gradient is nearly nothing, or everything",
    "saddle": "points where the gradient vanishes and nothing is won",
    "wells": "a few wells: the start and the first few steps decide which one is reached",
    "many minima": "the slope under the feet says little about the way home",
    "teaching": "small cases in which one property of an optimizer shows",
    "bbob": "the noiseless functions of the COCO platform, in instances",
}
# What is known of a function besides its numbers, as words that lists can be searched for.
TRAITS: dict[str, str] = {
    "kink": "has no gradient at a minimizer",
    "degenerate": "has a curvature of zero at a minimizer",
    "continuum": "has minimizers that are no single points",
    "steps": "has a gradient of zero almost everywhere",
    "rough": "has no gradient, or an unbounded one, along lines or at points that are no minimizers",
    "falls": "is lower than its minimum outside the bounds",
}
