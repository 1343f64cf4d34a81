"""Compiled loops: the only place that imports Numba. A kernel takes plain arrays and scalars and checks nothing.

This page follows a formula on its way to machine code. Take Adam's::

    def adam(x, g, m, v, unbias_m, unbias_v, lr, beta1, beta2, eps):
        m = beta1 * m + (1 - beta1) * g
        ...

**Read.** `optviz.formulas.sources` finds the text of a formula and its syntax tree, holds the tree against the code
that Python runs, and lists everything outside that the formula names. What no kernel can be made of is refused there,
with its line. Weight decay, wrappers and schedules have been put around the formula before it comes here:
`formulas.composing` writes a function with a text of its own, which is read like any other.

**Typed.** `literals` rewrites the tree for float32 or float64: every number becomes a constant of that type, since to
Numba a literal is a float64 and one of them would pull the whole formula up. `rules` says what a rule takes behind its
state: step scalars, hyperparameters, and ``1 - beta1`` wherever it is written, made in float64.

**Compiled.** `specialise.compiled` hands the result to Numba, to be inlined by LLVM, and blames the formula, by name
and line, for what does not compile. ``fastmath`` is off everywhere: NaN and infinity are results that we draw.

**Bound.** Loops are templates: functions with free global names, ``RULE`` or ``VALUE``, that a module declares in one
block. `specialise.specialise` clones a template under a name of its own and binds these names. The kernel's name holds
a fingerprint of all formulas that went in, so that no kernel is ever taken for another. Numba builds no tuples in
loops: `slots` writes out what takes the m and v of an element, for any number of slots, `tile_rows` does so inside
tiles.

**Cached.** `cache` keeps machine code on disk, one file for each kernel, under a digest of the kernel's name and
types, the processor, the versions, and this package's whole source. Whatever is wrong with a file or the folder costs
a compilation and nothing else. `delay_interrupt` holds Ctrl-C back while the compiler runs.

**Called by address.** A kernel for each pair of a rule and a function would be N times M compilations. So `indirect`
gives the address of a compiled kernel, and lets another kernel call it there:

- `tile` moves many runs on test functions, 256 side by side in an array whose rows `tile_rows` lays out (`column`
  shows a run's row as a sequence, for formulas of any dimension). `tile_parts` has what it calls at each step: a
  function's value and gradient, noise (`random` draws it from a counter), and a rule's update. A single run is a tile
  of one.
- `solve` makes the iterations of a solver, a run after the other: `looks` has the iteration, compiled as it is written,
  and what it calls `evaluate`, which calls the function's part of a tile; `second` has second derivatives.
- `training` makes steps of a network (`dense`, `sparse`, `pooling`, `dropout`, in rows that `simd` keeps in registers
  and rooms that `buffers` makes) and calls the update of a piece of the parameters.
- `update` needs no address: it is the step of one array, with the rule inlined; `table` is that of many arrays in one
  call, which is given their addresses instead (`addresses`).

`matrices` has the words of rules for whole matrices: NumPy's products, since BLAS is called from outside of kernels.

Every kernel flushes denormal numbers to zero while it runs (`denormals`), and releases the interpreter's lock, so that
threads run side by side. `power` has powers that are the same on every processor.

**On CUDA.** ``kernels.cuda`` has the same formulas and the same names. `cuda.backend`, which alone imports
``numba.cuda``, compiles a typed formula for the device, binds templates likewise, and makes the `twin` of a function
that was written for the CPU; kernels are compiled when they are first launched. There are no calls by address: a
thread has a run (`cuda.tile`), an element of many arrays (`cuda.update`) or a part of a product (`cuda.products`,
`dense`, `convolution`, put together in `passes` for one network and in `fleet` for many). A network's steps (`steps`,
`training`) read from a `clock` in memory where in the epoch they are, so that the same launches make any of them, and
one launch of their graph (`graphs`) makes many. `network_sums` has the passes before the update of a rule that sums,
`value` the loss for one that reads it. `devices` and `driver` say what of CUDA is here, without importing any of it.

To add a kernel: write the loop as a template beside its likes, declare its names with a word each, give it a label
that with the fingerprint determines all that is bound, and compare it with plain Python, bit for bit.
"""
