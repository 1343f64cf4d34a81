"""Pages: one file each that needs no other.

That of a race runs it again, step by step, in its reader's browser; those of other results show their picture with the
values under the pointer, their tables to sort, and their numbers to take away.

- `translator` writes the Python functions of rules and test functions in JavaScript;
- `units` says what a page knows of functions and optimizers;
- `values` says what lies where in a picture and which numbers a page holds, `packing` packs them;
- `markup` writes tables, `pictures` figures as HTML, for the report too;
- `document` puts scripts, styles and data together, with a policy that lets nothing else in;
- ``js/`` is the pages' own program; ``base.css`` is the look of all, ``page.css`` that of a race, ``document.css`` that
  of pages to read.
"""
