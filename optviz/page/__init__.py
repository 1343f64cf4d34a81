"""The interactive page: one file that needs no other, in which a race is run again, step by step, by its reader.

- `translator` writes the Python functions of rules and test functions in JavaScript;
- `units` says what a page knows of functions and optimizers;
- `document` puts scripts, styles and data together, with a policy that lets nothing else in;
- ``js/`` is the page's own program, ``page.css`` its look.
"""
