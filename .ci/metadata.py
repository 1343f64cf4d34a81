"""The addresses of the repository that publishes, which is told by the variable ``OPTVIZ_REPOSITORY``.

Pictures and links of the README are relative, so that they hold in every copy of the project. A page elsewhere needs
whole addresses: they are made when a distribution is built for it.
"""

import os
import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

# Where a block of code begins or ends, in lists and quotations too; what has more ticks on its line is code within it.
FENCE = re.compile(r"(?:[ >]|(?:[-*+]|\d+[.)])[ \t])*(`{3,}(?=[^`]*$)|~{3,})")
ITEM = re.compile(r"[ >]*([-*+]|\d+[.)])[ \t]")
MARKS = re.compile(
    r"""(?P<kept> (?<![\\`])(?P<ticks>`+)(?!`) (?:(?!\n[ \t]*\n).)+? (?<!`)(?P=ticks)(?!`) | <!--.*?--> )
    | (?P<tag> <[a-z](?:"[^"]*"|'[^']*'|[^"'>])*> )
    | (?P<picture> !\[(?:[^\[\]]|\[[^\]]*\])*\]\(<? ) (?P<shown>[^\s)>]+)
    | (?P<link> \]\(<? | ^[ ]{0,3}\[[^\]\n]+\]:[ \t]*<? ) (?P<told>[^\s)>]+)""",
    re.X | re.S | re.M | re.I,
)
ATTRIBUTE = re.compile(r"""(?<![\w-])(src|href|srcset|poster)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'=<>`]+)""", re.I)
WHOLE = re.compile(r"[a-z][a-z\d+.-]*:|//|#", re.I)  # an address that is not relative to the page


class Addresses(MetadataHookInterface):
    """Adds the README and the project's addresses."""

    def update(self, metadata):
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        repository = os.environ.get("OPTVIZ_REPOSITORY", "").rstrip("/")
        if repository:
            metadata["urls"] = {
                "Source": repository,
                "Changelog": f"{repository}/blob/main/CHANGELOG.md",
                "Issues": f"{repository}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": absolute(text, repository)}


def absolute(text, repository):
    """A text whose pictures and links have whole addresses; as it is where no repository is told.

    Code stays as it is: a reader copies it.
    """
    if not repository:
        return text

    def whole(address, place):
        return address if WHOLE.match(address) else f"{repository}/{place}/main/{address.lstrip('/')}"

    def attribute(match):
        name, equals, value = match.groups()
        quote = value[0] if value[0] in "\"'" else ""
        value, place = value.strip(quote) if quote else value, "blob" if name.lower() == "href" else "raw"
        several = re.split(r"(,\s+)", value) if name.lower() == "srcset" else [value]
        several[::2] = [whole(one, place) for one in several[::2]]
        return f"{name}{equals}{quote}{''.join(several)}{quote}"

    def mark(match):
        if match["tag"]:
            return ATTRIBUTE.sub(attribute, match["tag"])
        if match["picture"]:
            return match["picture"] + whole(match["shown"], "raw")
        return match[0] if match["kept"] else match["link"] + whole(match["told"], "blob")

    return "".join(part if is_code else MARKS.sub(mark, part) for is_code, part in parts(text))


def parts(text):
    """Blocks of code and what is between them: pairs of whether it is code, and the text."""
    found, fence, listed, blank = [], "", False, True
    for line in text.splitlines(keepends=True):
        ends = FENCE.match(line)
        indented = line.startswith(("    ", "\t"))
        is_code = bool(fence or ends) or (indented and not listed and (blank or found[-1][0]))
        if fence:
            fence = "" if ends and ends[1].startswith(fence) and not line[ends.end() :].strip() else fence
        elif ends:
            fence = ends[1]
        blank = not line.strip()
        if not (blank or is_code or indented):
            listed = bool(ITEM.match(line)) or (listed and line.startswith(" "))
        if found and found[-1][0] == is_code:
            found[-1] = is_code, found[-1][1] + line
        else:
            found.append((is_code, line))
    return found
