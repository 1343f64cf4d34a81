"""The page of the gallery: a card for each picture, and on the cards of races the race itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optviz.figures.engine.theme import HEADS, THEMES
from optviz.functions import FAMILIES
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as RULES
from optviz.optimizers import SEVEN, configure
from optviz.page.document import document, escaped, filled, script, style
from optviz.page.explorer import function_facts
from optviz.page.expressions import Untranslatable
from optviz.page.facts import outlines, themes, variables
from optviz.page.translator import Script
from optviz.page.units import function_entry, rule_entry

# What kinds of pictures are called where one is chosen.
KINDS = {
    "race": "races",
    "surface": "surfaces",
    "basins": "basins of attraction",
    "sweep": "hyperparameter sweeps",
    "swarm": "swarms",
    "study": "studies",
    "explain": "steps explained",
    "mnist": "MNIST",
}
SCRIPTS = ("runs", "ground", "trails", "curve", "state", "chart", "gallery")
# Pictures of the page's own folder. Not every browser counts a file beside a page that is a file as its own.
BESIDE = "'self' file: data:"


@dataclass(frozen=True)
class Card:
    """A picture of the gallery.

    Attributes
    ----------
    title, caption, command, provenance : str
        Anybody's texts; ``command`` is whole.
    kind : str
        One of `KINDS`.
    poster, still, animation : str
        Names of files in the page's folder; ``animation`` is "" where nothing moves.
    optimizers : sequence of str
        The names of those that it shows.
    function : str
        The name of its test function, or "".
    formula, reference, hazards : str
        Of the function.
    rates : sequence of float
        The learning rates of the seven, where the card can run the race of its function; else empty.
    """

    title: str
    caption: str
    command: str
    provenance: str
    kind: str
    poster: str
    still: str
    animation: str = ""
    optimizers: Sequence[str] = ()
    function: str = ""
    formula: str = ""
    reference: str = ""
    hazards: str = ""
    rates: Sequence[float] = ()


@dataclass(frozen=True)
class GalleryPage:
    """The page.

    Attributes
    ----------
    cards : sequence of Card
    theme : {"dark", "light"}
        That of the pictures; the page follows its reader's system.
    command : str
        What writes the gallery.
    """

    cards: Sequence[Card]
    theme: str = "dark"
    command: str = "optviz gallery"

    def to_html(self) -> str:
        """The page; beside it are its pictures and ``explorer.html``."""
        code, functions = Script(), list[str]()
        live = [self._live(card, code, functions) for card in self.cards]
        rules = [rule_entry(code, configure(name)) for name in SEVEN]
        data: dict[str, Any] = {
            "theme": self.theme,
            "colours": themes()[self.theme],
            "heads": outlines({HEADS[name] for name in SEVEN}),
            "optimizers": [self._optimizer(name) for name in SEVEN],
            "choices": self._choices(),
            "cards": [_found(card, one) for card, one in zip(self.cards, live, strict=True)],
        }
        program = [
            script("numbers", "words"),
            code.text,
            f"const FUNCTIONS = [{', '.join(functions)}];",
            f"const RULES = [{', '.join(rules)}];",
            script(*SCRIPTS),
        ]
        theme = THEMES[self.theme]
        picture = f":root{{--picture:{theme.page};--picture-ink:{theme.ink}}}"
        texts = {"count": _count(len(self.cards)), "command": self.command}
        parts = {"cards": "".join(_card(card, bool(one)) for card, one in zip(self.cards, live, strict=True))}
        parts["legend"] = self._legend(data["heads"])
        styles = [variables(), picture, style("base", "gallery")]
        return document("gallery.html", texts, data, program, styles, parts, BESIDE)

    def _live(self, card: Card, code: Script, functions: list[str]) -> dict[str, Any] | None:
        """What a card needs to run its race; nothing where it cannot."""
        if card.kind != "race" or card.function not in FUNCTIONS or len(card.rates) != len(SEVEN):
            return None
        unit = FUNCTIONS[card.function]
        try:
            functions.append(f"() => ({function_entry(code, unit)})")
        except Untranslatable:
            return None
        known = ("name", "view", "start", "minimizers", "local", "minimum", "steps", "far")
        facts = {name: value for name, value in function_facts(unit).items() if name in known}
        return {"place": len(functions) - 1, "facts": facts, "rates": list(card.rates)}

    def _optimizer(self, name: str) -> dict[str, Any]:
        """How one of the seven runs and looks."""
        hyper = configure(name).hyperparameters
        colour = THEMES[self.theme].optimizers[name]
        return {"name": name, "title": RULES[name].title, "hyper": hyper, "colour": colour, "head": HEADS[name]}

    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        """What the cards can be chosen by, in the order of the registries: each with what it is called."""
        kinds, families = {card.kind for card in self.cards}, {_family(card) for card in self.cards} - {""}
        shown = {name for card in self.cards for name in card.optimizers}
        ordered = [name for name in FAMILIES if name in families] + sorted(families.difference(FAMILIES))
        return {
            "kind": [
                (kind, KINDS.get(kind, kind)) for kind in [*KINDS, *sorted(kinds.difference(KINDS))] if kind in kinds
            ],
            "family": [(family, family) for family in ordered],
            "optimizer": [(name, RULES[name].title) for name in SEVEN if name in shown],
        }

    def _legend(self, heads: Mapping[str, list[list[float]]]) -> str:
        """Which optimizer has which colour and head."""
        rows = []
        for name in SEVEN:
            places = "L".join(f"{6 * x:.1f} {6 * y:.1f}" for x, y in heads[HEADS[name]])
            colour = THEMES[self.theme].optimizers[name]
            drawn = f'<path fill="{colour}" d="M{places}Z"/>'
            sign = f'<svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">{drawn}</svg>'
            rows.append(f"<li>{sign}{RULES[name].title}</li>")
        return f'<ul class="legend" aria-label="optimizers">{"".join(rows)}</ul>'


def _card(card: Card, is_live: bool) -> str:
    """A card as HTML, whole without any script."""
    explorer = f"explorer.html#f={card.function}" if card.function else ""
    if card.kind == "explain":
        explorer += f"&o={card.optimizers[0]}"
    links = {
        "explore": explorer,
        "animation": card.animation,
        "last frame" if card.animation else "picture": card.still,
    }
    target = explorer if is_live else card.animation or card.still
    act = "open in the explorer" if is_live else "play or stop" if card.animation else "whole picture"
    texts = {
        "name": card.still.removesuffix(".png"),
        "target": target,
        "poster": card.poster,
        "alt": f"{card.title}: {act}",
        "title": card.title,
        "formula": card.formula,
        "caption": card.caption,
        "command": card.command,
        "provenance": card.provenance,
    }
    parts = [filled("link.html", {"to": to, "words": words, "of": card.title}) for words, to in links.items() if to]
    # A line ends between words, and not behind the first dash of an option.
    words = " ".join(f"<span>{escaped(word)}</span>" for word in card.command.split(" "))
    return filled("card.html", texts, {"words": words, "links": " ".join(part.strip() for part in parts)})


def _found(card: Card, live: dict[str, Any] | None) -> dict[str, Any]:
    """What a script knows of a card."""
    words = (card.title, card.formula, card.caption, card.reference, card.hazards, card.function, _family(card))
    known = {"kind": card.kind, "family": _family(card), "optimizers": list(card.optimizers)}
    searched = " ".join(" ".join(words).lower().split())
    return {**known, "words": searched, "animation": card.animation, **({"live": live} if live else {})}


def _family(card: Card) -> str:
    return FUNCTIONS[card.function].family if card.function in FUNCTIONS else ""


def _count(number: int) -> str:
    return f"{number} picture" if number == 1 else f"{number} pictures"
