"""What a result can become: its forms, its still pictures and its animation, by the kind of result."""

from optviz.results import Basins, Batch, Comparison, Explanation, Race, Study, Swarm, Sweep

DRAWN = "race, train, basins, sweep, swarm, study or explain"
# What a result can become, the preferred form first; the form decides what a file of either kind holds.
FORMS: dict[type, tuple[str, ...]] = {
    Race: ("animation", "figure", "page", "result"),
    Comparison: ("animation", "figure", "report", "table"),
    Basins: ("figure", "page", "result"),
    Sweep: ("figure", "page", "result"),
    Swarm: ("animation", "figure", "page", "result"),
    Study: ("figure", "page", "table"),
    Batch: ("result",),
    Explanation: ("figure", "animation", "page", "result"),
}
# The still pictures of a result: name -> the module of optviz.figures and its function; the first is the usual one.
PICTURES: dict[type, dict[str, tuple[str, str]]] = {
    Race: {"race": ("race", "race_figure"), "convergence": ("convergence", "convergence_figure")},
    Comparison: {
        "curves": ("training", "training_figure"),
        "plane": ("plane", "plane_figure"),
        "rates": ("rates", "rates_figure"),
        "target": ("targets", "targets_figure"),
        "confusion": ("confusion", "confusion_figure"),
        "mistakes": ("mistakes", "mistakes_figure"),
    },
    Basins: {"basins": ("basins", "basins_figure"), "values": ("basins", "basin_values_figure")},
    Sweep: {"sweep": ("sweep", "sweep_figure")},
    Swarm: {"swarm": ("swarm", "swarm_figure")},
    Study: {"study": ("study", "study_figure"), "functions": ("study", "functions_figure")},
    Batch: {},
    Explanation: {"explain": ("explain", "explain_figure")},
}
ANIMATIONS: dict[type, tuple[str, str]] = {
    Race: ("race", "race_animation"),
    Comparison: ("plane", "plane_animation"),
    Swarm: ("swarm", "swarm_animation"),
    Explanation: ("explain", "explain_animation"),
}
# Pictures of which a .png needs no Figure, which takes half of the time: their pixels and their facts.
PIXELS: dict[type, tuple[str, str]] = {Explanation: ("explain", "explain_pixels")}
