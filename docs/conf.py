"""Sphinx's settings. What is known to the registries is written by `generate` before pages are read."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import optviz  # noqa: E402

project, author = "optviz", "the authors of optviz"
project_copyright = author
release = version = optviz.__version__
(HERE / "_generated" / "frames").mkdir(parents=True, exist_ok=True)  # looked for before it is written

extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser", "sphinx_design"]
exclude_patterns = ["_build", "generate"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline", "attrs_block"]
myst_heading_anchors = 3
smartquotes = False
autodoc_typehints = "none"  # docstrings say types, with shapes
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
maximum_signature_line_length = 88

html_theme = "pydata_sphinx_theme"
html_title = "optviz"
templates_path = ["_templates"]
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_context = {"default_mode": "auto"}
html_extra_path = ["../gallery/explorer.html", "_generated/frames"]
html_css_files = ["optviz.css"]
html_js_files = ["optviz.js"]
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_show_copyright = False
pygments_style = "default"
html_sidebars = {
    "index": [],
    "_generated/**": [],
    "faq": [],
    "disagree": [],
    "design": [],
    "gpu": [],
    "functions": [],
    "installation": [],
    "tables": [],
    "contributing": [],
    "changelog": [],
    "licence": [],
}
html_theme_options = {
    "logo": {"text": "optviz"},
    "navbar_align": "left",
    "header_links_before_dropdown": 8,
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "footer_start": ["links"],
    "footer_end": [],
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "friendly",
    "pygments_dark_style": "github-dark",
    "show_toc_level": 2,
    "back_to_top_button": False,
}


def setup(app):
    """Write the generated pages into the folder of the sources."""
    from generate import write

    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "_generated"))
