"""A kernel that another kernel calls by its address.

Specialising the training of a network for every rule would compile the whole network for each of them, seconds instead
of tenths. A call by address cannot be inlined, which costs nothing where one call updates a thousand parameters. All
kernels that are called so take the same types.
"""

from typing import Any

import numba
from numba import types
from numba.extending import intrinsic

from optviz.kernels.cache import COMPILES
from optviz.kernels.delay_interrupt import delay_interrupt


def address(kernel: Any, *arguments: Any) -> int:
    """Where the code of a kernel for such arguments lies in this process; compiles it if need be.

    Parameters
    ----------
    kernel : Numba dispatcher
        Kept alive by the caller for as long as the address is used.
    *arguments
        Examples of what it will be called with.

    Returns
    -------
    int
    """
    if not COMPILES:
        _kernels[id(kernel)] = kernel
        return id(kernel)
    signature = tuple(map(numba.typeof, arguments))
    with delay_interrupt():
        kernel.compile(signature)
    compiled = kernel.overloads[signature]
    return compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)


_kernels: dict[int, Any] = {}  # without a compiler


def call(where: int, arguments: tuple) -> None:
    """Call the kernel at an address with a tuple of arguments, inside a kernel; it returns nothing."""
    _kernels[where](*arguments)


@intrinsic
def _call(typingctx, where, arguments):
    def codegen(context, builder, signature, args):
        convention = context.call_conv
        kinds = tuple(arguments)
        pointer = convention.get_function_type(types.none, kinds).as_pointer()
        values = [builder.extract_value(args[1], i) for i in range(len(kinds))]
        convention.call_function(builder, builder.inttoptr(args[0], pointer), types.none, kinds, values)
        return context.get_dummy_value()

    return types.void(types.uint64, arguments), codegen


if COMPILES:
    call = _call  # type: ignore[assignment]
