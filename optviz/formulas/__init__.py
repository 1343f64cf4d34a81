"""Formulas as they are written: what one is, its text and syntax tree, one put into another, and calls in words.

- `formula` says what goes into a step: state slots, step scalars, hyperparameters, the reported point;
- `sources` reads the text and the syntax tree of a function, or those of one that was written here;
- `composing` writes a formula around another one;
- `complements` finds where ``1 - h`` is written, which float32 cannot make of its own;
- `unfold` tells from a rule's tree what a step computes on its way, as columns and as one function;
- `calls` reads ``lookahead(adam(beta1=0.5), k=5)``.
"""
