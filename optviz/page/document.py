"""One HTML file that needs no other: scripts, styles and data in it, and a policy that lets nothing else in.

Every text may be anybody's. Texts of the skeleton are escaped; all others are data, which the scripts put on the page
as text and never as HTML. The policy names the one script and the one style sheet by their digests, so that a browser
runs nothing that a text could smuggle in, fetches nothing and evaluates nothing.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from types import MappingProxyType
from typing import Any

from optviz.errors import printable
from optviz.page.squeezing import squeezed

POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src {pictures}; base-uri 'none'; "
    "form-action 'none'"
)
_NONE = re.compile("[\ud800-\udfff\ufffe\uffff]")  # halves of surrogate pairs, and what is no character
# What could end an element or a line, and what nobody sees or turns the line around.
_UNSEEN = re.compile("[<>&\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def document(
    skeleton: str,
    texts: Mapping[str, str],
    data: Any,
    scripts: Sequence[str],
    styles: Sequence[str],
    parts: Mapping[str, str] = MappingProxyType({}),
    pictures: str = "data: blob:",
) -> str:
    """A page.

    Parameters
    ----------
    skeleton : str
        The name of a file of this package, HTML with places ``$name``.
    texts : dict of str to str
        What stands in them; it is escaped.
    data : object
        What scripts read from the element ``data``: anything that JSON knows.
    scripts, styles : sequence of str
        Each the text of a script or a style sheet; those of the package come from `script` and `style`.
    parts : dict of str to str
        What stands in the other places: HTML, of texts that have been escaped.
    pictures : str
        From where the policy lets pictures in.
    """
    script, style = program(*scripts), "\n".join(styles)
    own = {"policy": policy(script, style, pictures), "script": script, "style": style, "data": embedded(data)}
    return filled(skeleton, texts, {**parts, **own})


def filled(skeleton: str, texts: Mapping[str, str], parts: Mapping[str, str] = MappingProxyType({})) -> str:
    """A file of this package, HTML with places ``$name``: texts are escaped, parts are HTML already."""
    known = {name: escaped(text) for name, text in texts.items()}
    return Template((files(__package__) / skeleton).read_text("utf-8")).substitute({**known, **parts})


def program(*scripts: str) -> str:
    """Scripts as one, with names of its own: a page has some already, such as `status` and `name`."""
    return squeezed("\n".join(["(() => {", '"use strict";', *scripts, "})();"]))


def policy(script: str, style: str, pictures: str = "data: blob:") -> str:
    """The policy of a page with that script and that style sheet and no others."""
    return POLICY.format(script=_digest(script), style=_digest(style), pictures=pictures)


def escaped(text: str) -> str:
    """Text that stands for itself, in an element or in a quoted attribute."""
    return html.escape(_NONE.sub("\ufffd", printable(text)))


def embedded(data: Any) -> str:
    """Data as JSON that may stand in a script element: nothing in it can end the element or begin another."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = _NONE.sub("\ufffd", text)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def script(*names: str) -> str:
    """The package's scripts of these names."""
    return "\n".join((files(__package__) / "js" / f"{name}.js").read_text("utf-8") for name in names)


def style(*names: str) -> str:
    """The package's style sheets of these names."""
    texts = [(files(__package__) / f"{name}.css").read_text("utf-8") for name in names]
    return "\n".join(line.strip() for text in texts for line in text.split("\n") if line.strip())


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
