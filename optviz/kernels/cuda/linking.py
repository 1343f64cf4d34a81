"""Kernels on disk, and kernels put together from parts, so that N rules and M functions cost N + M compilations.

A kernel of a pair of a rule and a function differs from that of another pair in what it calls, and nowhere else. So the
kernel is compiled as a *frame*, in which the parts are declared and not defined; the parts are compiled by themselves;
and LLVM's texts of all are handed to NVVM together, which inlines the parts as if they had been compiled with the
frame. What NVVM makes of a pair does not depend on how the texts came about. It takes a tenth of a second, where typing
and lowering the whole in Python take four.

Kernels, frames and parts are kept by `optviz.kernels.cache`, under what they are, the device's compute capability and
the versions of CUDA's compiler. Numba numbers the functions of a process, so that texts of two processes may use one
name for two functions: each text gives its own functions names of its own.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import pickle
import re
import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from optviz.kernels import cache

try:  # private to numba-cuda: in the simulator, and where they have moved, kernels are compiled whole and not kept
    from numba import cuda
    from numba.cuda import cgutils, dispatcher  # type: ignore[attr-defined]
    from numba.cuda import types as _types
    from numba.cuda.codegen import CUDACodeLibrary
    from numba.cuda.compiler import compile_cuda, kernel_fixup  # type: ignore[attr-defined]
    from numba.cuda.core import config
    from numba.cuda.core.caching import NullCache
    from numba.cuda.core.callconv import CUDACallConv
    from numba.cuda.descriptor import cuda_target
    from numba.cuda.extending import intrinsic
    from numba.cuda.serialize import dumps
    from numba.cuda.typing import signature

    _rebuilt, _reduced = dispatcher._Kernel._rebuild, dispatcher._Kernel._reduce_states
    types: Any = _types  # which have no types of their own
    LINKS = True
except (ImportError, AttributeError):
    LINKS = False

PACKAGES, LIBRARIES = ("numba-cuda", "cuda-core", "cuda-bindings"), ("nvvm", "nvJitLink")
ENTRY = "optviz_kernel"  # what all frames are called before they are linked
NVVM = {"fastmath": False, "opt": 3}
DEFINED = re.compile(r'^(?:define [^@\n]*|)@"([^"]+)"(?: =|\()', re.MULTILINE)  # functions and variables of a text
NAME = re.compile(r'@"([^"]+)"')


class Part(NamedTuple):
    """A device function that a frame calls without knowing it.

    Attributes
    ----------
    function : device function
        Of `optviz.kernels.cuda.backend`.
    result : numpy dtype, bool, None, or tuple of dtypes
        What it gives, for all of the frame's calls.
    label : str
        What determines the function: its name, the dtype, the fingerprint of its formulas.
    """

    function: Any
    result: Any
    label: str


class Inner(NamedTuple):
    """A template of a device function that takes the names of its frame, and those of inner ones before it."""

    template: Callable


class Text(NamedTuple):
    """LLVM's text of a frame or a part.

    Attributes
    ----------
    modules : list of str
    parts : dict of str and tuple of Numba types
        What a frame calls its parts, and with which arguments.
    """

    modules: list[str]
    parts: dict[str, tuple]


class Differs(Exception):
    """A part gives something else than its frame expects."""


@functools.cache
def toolkit() -> tuple:
    """What compiles kernels: versions of packages, and the libraries by their files, wherever they come from."""
    from cuda.pathfinder import load_nvidia_dynamic_lib

    files = [load_nvidia_dynamic_lib(name).abs_path for name in LIBRARIES]
    states = [os.stat(file) if file else None for file in files]
    return (
        tuple(importlib.metadata.version(name) for name in PACKAGES),
        tuple((file, state and (state.st_size, state.st_mtime_ns)) for file, state in zip(files, states, strict=True)),
    )


def _capability() -> tuple[int, int]:
    major, minor = dispatcher.get_current_device().compute_capability
    return major, minor


def kept(kernel: Any, name: str, build: Callable[[tuple], Any] | None = None) -> Any:
    """A dispatcher whose kernels are loaded from disk, or else built, or compiled by Numba, and put there.

    Where the user asks Numba for code to be debugged, it compiles all kernels, and none is kept.
    """
    if LINKS and cache.COMPILES and not config.CUDA_DEBUGINFO_DEFAULT and config.OPT != 0:
        kernel._cache = _Kept(name, build)
    return kernel


if LINKS:

    class _Kept(NullCache):
        """What Numba's dispatcher asks for a kernel before it compiles, and hands it afterwards."""

        def __init__(self, name: str, build: Callable[[tuple], Any] | None):
            self._name, self.build = name, build

        def load_overload(self, sig: tuple, target_context: Any) -> Any:
            # Anything may be wrong with a file, and nothing of it may reach the user; the same holds below.
            with contextlib.suppress(Exception):
                states = _from_disk(self._key(sig))
                if states is not None:
                    kernel = _rebuilt(**states)
                    kernel.bind()  # now, that Numba holds its lock: two threads that load one module fail
                    cache.tell(cache.READY)
                    return kernel
            cache.tell(cache.COMPILING)
            if self.build is not None:
                with contextlib.suppress(Differs):  # then Numba compiles the whole
                    kernel = self.build(sig)
                    kernel.bind()
                    self.save_overload(sig, kernel)
                    return kernel
            return None

        def save_overload(self, sig: tuple, kernel: Any) -> None:
            cache.tell(cache.READY)
            with contextlib.suppress(Exception):
                _to_disk(self._key(sig), _reduced(kernel))

        def _key(self, sig: tuple) -> tuple:
            return "kernel", self._name, repr(sig), _capability()


def _from_disk(key: tuple) -> Any:
    """What was kept under a key, for this compiler; None where there is nothing."""
    body = cache.stored((*key, toolkit()))
    # Numba gives its kernels no other form. The folder is the user's alone, and the digest has been checked, see
    # `optviz.kernels.cache`.
    return None if body is None else pickle.loads(zlib.decompress(body))


def _to_disk(key: tuple, thing: Any) -> None:
    cache.store((*key, toolkit()), zlib.compress(dumps(thing), 1))


def builder(
    name: str, frame: str, parts: dict[str, Part], filled: Callable[[dict[str, Any]], Callable]
) -> Callable[[tuple], Any]:
    """What links a kernel for the types of its arguments.

    Parameters
    ----------
    name : str
        Of the kernel, as profilers show it.
    frame : str
        What determines the frame.
    parts : dict
        By the names with which the frame calls them.
    filled : function
        Gives the frame, plain Python, with functions for these names.
    """

    def build(arguments: tuple) -> Any:
        capability = _capability()

        def compiled() -> Text:
            asked: dict[str, tuple] = {}
            calls = {symbol: declared(symbol, part, asked) for symbol, part in parts.items()}
            return frame_text(filled(calls), arguments, asked, capability)

        whole = _text(("frame", frame, repr(arguments), capability), compiled)
        texts = [whole]
        for symbol, kinds in whole.parts.items():
            key = "part", symbol, parts[symbol].label, repr(kinds), capability
            texts.append(_text(key, functools.partial(part_text, symbol, parts[symbol], kinds)))
        return linked(texts, name, arguments)

    return build


_texts: dict[tuple, Text] = {}


def _text(key: tuple, make: Callable[[], Text]) -> Text:
    """A text of this process, of an earlier one, or made now."""
    if key not in _texts:
        text = None
        with contextlib.suppress(Exception):
            text = _from_disk(key)
        if text is None:
            text = make()
            with contextlib.suppress(Exception):
                _to_disk(key, text)
        _texts[key] = text
    return _texts[key]


def declared(symbol: str, part: Part, asked: dict[str, tuple]) -> Any:
    """What stands for a part in a frame: a call of the symbol. The types of its arguments are put into `asked`."""
    result = _kind(part.result)

    @intrinsic
    def call(typingctx, arguments):
        kinds = tuple(types.unliteral(one) for one in arguments)
        assert asked.setdefault(symbol, kinds) == kinds, f"{symbol} is called with arguments of several types"

        def codegen(context, builder, signature, args):
            convention = CUDACallConv(context)
            kind = convention.get_function_type(result, kinds)
            function = cgutils.get_or_insert_function(builder.module, kind, symbol)
            values = [builder.extract_value(args[0], i) for i in range(len(kinds))]
            return convention.call_function(builder, function, result, kinds, values)[1]

        return result(types.Tuple(kinds)), codegen

    def calling(*arguments):
        return call(arguments)

    return cuda.jit(device=True)(calling)


def _kind(result: Any) -> Any:
    """Numba's type of a part's result."""
    if result is None:
        return types.none
    if isinstance(result, tuple):
        return types.UniTuple(_kind(result[0]), len(result))
    return getattr(types, "boolean" if result is bool else np.dtype(result).name)


def frame_text(frame: Callable, arguments: tuple, asked: dict[str, tuple], capability: tuple[int, int]) -> Text:
    """Compile a frame, plain Python with its parts declared, as far as LLVM's text."""
    compiled = compile_cuda(frame, types.void, arguments, nvvm_options=NVVM, cc=capability)
    kernel_fixup(compiled.library.get_function(compiled.fndesc.llvm_func_name), False)
    return Text(_renamed(compiled, ENTRY), dict(asked))


def part_text(symbol: str, part: Part, arguments: tuple) -> Text:
    """Compile a part for some arguments as far as LLVM's text.

    Raises
    ------
    Differs
    """
    compiled = part.function.compile_device(arguments)
    if compiled.signature.return_type != _kind(part.result):
        raise Differs(part.label)
    # Once it is inlined nobody calls it, and then it need not be there.
    return Text([one.replace("define i32 ", "define linkonce_odr i32 ") for one in _renamed(compiled, symbol)], {})


def _renamed(compiled: Any, name: str) -> list[str]:
    """The modules of a function, in which it has a name that is given, and all others names that no other text has."""
    modules = compiled.library.llvm_strs
    digest = hashlib.sha256("".join(modules).encode()).hexdigest()[:12]
    found = dict.fromkeys(symbol for module in modules for symbol in DEFINED.findall(module))
    names = {symbol: f"_{digest}_{place}" for place, symbol in enumerate(found)} | {
        compiled.fndesc.llvm_func_name: name
    }
    return [NAME.sub(lambda match: f'@"{names.get(match[1], match[1])}"', module) for module in modules]


def linked(texts: Iterable[Text], name: str, arguments: tuple) -> Any:
    """Numba's kernel of a frame and its parts, not assembled yet."""
    library = CUDACodeLibrary(cuda_target.target_context.codegen(), name, entry_name=name, nvvm_options=NVVM)
    library._llvm_strs = [module.replace(f'@"{ENTRY}"', f'@"{name}"') for text in texts for module in text.modules]
    library._finalized = True
    return _rebuilt(
        cooperative=False,
        name=name,
        signature=signature(types.void, *arguments),
        codelibrary=library,
        debug=False,
        lineinfo=False,
        call_helper=None,
        extensions=[],
    )
