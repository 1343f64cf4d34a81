"""Colours that stay apart in every kind of vision, and shapes that stay apart without colour."""

import itertools

import numpy as np
import pytest
from matplotlib.path import Path

from optviz.errors import UnknownNameError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.heads import head
from optviz.figures.engine.theme import DARK, HEADS, LIGHT, SPARE_HEADS, linear, oklab, ramp_table, rgb
from tests.figures.races import SEVEN, TWENTY

# Machado, Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency",
# severity 1, on linear RGB; with the least distance that the reference asks for in each vision.
VISIONS = {
    "normal": (np.eye(3), 0.125),
    "deutan": (
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        0.09,
    ),
    "protan": (
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        0.09,
    ),
    "tritan": (
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
        0.085,
    ),
}


def light(colour):
    return linear(np.array(rgb(colour)) / 255)


def contrast(one, other):
    luminances = sorted(light(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_named_colours_keep_their_distance(theme, vision):
    matrix, least = VISIONS[vision]
    seen = {name: oklab(np.asarray(matrix) @ light(colour)) for name, colour in theme.optimizers.items()}
    distances = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in itertools.combinations(seen, 2)}
    closest = min(distances, key=distances.get)
    assert distances[closest] >= least, (closest, distances[closest])


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_colour_stands_out_from_the_page(theme):
    for colour in (*theme.optimizers.values(), *theme.spares, theme.ink, theme.bad, theme.good):
        assert contrast(colour, theme.page) >= 3, colour
    assert contrast(theme.muted, theme.page) >= 4.5


@pytest.mark.parametrize("names", [SEVEN, TWENTY, [f"stranger_{k}" for k in range(20)]], ids=["seven", "mixed", "new"])
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_no_two_optimizers_of_a_picture_share_a_head_or_a_colour(names, theme):
    assert len(set(themes.heads(names).values())) == len(names)
    assert len(set(themes.colours(names, theme).values())) == len(names)


def test_colour_and_head_belong_to_the_name_not_to_its_place():
    names = ["adam", "mine", "sgd"]
    assert themes.heads(names) == themes.heads(names[::-1])
    assert themes.colours(names, DARK) == themes.colours(names[::-1], DARK)
    assert themes.colours(["mine"], DARK)["mine"] == themes.colours(names, DARK)["mine"]
    assert themes.heads(["adam"])["adam"] == HEADS["adam"]


def test_more_optimizers_than_colours_are_still_coloured():
    names = [f"stranger_{k}" for k in range(60)]
    assert set(themes.colours(names, LIGHT)) == set(themes.heads(names)) == set(names)


def test_heads_look_equally_large_and_differ_in_shape():
    areas, masks = {}, {}
    grid = np.stack(np.meshgrid(np.linspace(-1.6, 1.6, 65), np.linspace(-1.6, 1.6, 65)), -1).reshape(-1, 2)
    for shape in (*HEADS.values(), *SPARE_HEADS):
        outline = head(shape, 1.0)
        masks[shape] = Path(outline.vertices, outline.codes).contains_points(grid)
        areas[shape] = masks[shape].mean() * 3.2**2
    assert 1.4 < min(areas.values()) and max(areas.values()) < 4.2, areas
    for one, other in itertools.combinations(masks, 2):
        differing = (masks[one] ^ masks[other]).sum() / max(masks[one].sum(), masks[other].sum())
        assert differing > 0.07, (one, other, differing)  # the least: disc and hexagon


def test_ramps_start_and_end_with_their_stops_and_never_turn_back():
    for theme in (DARK, LIGHT):
        table = ramp_table(theme.ramp)
        assert np.allclose(table[[0, -1]] * 255, [rgb(theme.ramp[0]), rgb(theme.ramp[-1])], atol=0.5)
        lightness = oklab(linear(table))[:, 0]
        assert (np.sign(np.diff(lightness)) == np.sign(lightness[-1] - lightness[0])).all()


def test_an_unknown_theme_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"unknown theme 'drak'\nDid you mean 'dark'\? Use one of: dark, light"):
        themes.find("drak")
