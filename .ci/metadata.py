"""The addresses of the repository that publishes, which is told by the variable ``OPTVIZ_REPOSITORY``.

Pictures and links of the README are relative, so that they hold in every copy of the project. A page elsewhere needs
whole addresses: they are made when a distribution is built for it.
"""

import os
import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

HERE = re.compile(r"""(\]\(|\bsrc=["']|\bhref=["'])(?![a-z]+:|#)""")  # where an address begins that is relative
PICTURES = re.compile(r"""(\!\[[^\]]*\]\(|\bsrc=["'])(?![a-z]+:|#)""")


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
    """A text whose pictures and links have whole addresses; as it is where no repository is told."""
    if not repository:
        return text
    text = PICTURES.sub(rf"\1{repository}/raw/main/", text)
    return HERE.sub(rf"\1{repository}/blob/main/", text)
