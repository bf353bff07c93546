"""Decorators that compile functions with numba, and keep numba's cache up to date.

Compiled functions do not count references to arrays, because counting took most of the time. This is
safe because Python owns all arrays and compiled functions allocate none. The functions that Python
calls have explicit signatures. They are compiled, or read from the cache, when they are imported.
"""

import hashlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

from merge_impls.builtin import JIT_IS_DISABLED

if getattr(config, "DISABLE_JIT", 0):  # numba sets its options when it is imported
    raise ImportError(JIT_IS_DISABLED)

OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}

Function = TypeVar("Function", bound=Callable[..., object])


class Decorator(Protocol):
    """The type of a decorator that returns a function with the same signature."""

    def __call__(self, function: Function, /) -> Function:
        """Return the decorated function."""


# The cast is needed because numba's annotations of njit lack some of its options.
_njit = cast(Callable[..., Decorator], njit)

compiled = _njit(no_cpython_wrapper=True, **OPTIONS)
"""Decorator for a function that only compiled functions call."""

inlined = _njit(forceinline=True, no_cpython_wrapper=True, **OPTIONS)
"""Decorator for a function that is copied into the compiled functions that call it."""


def compiled_entry(signature: object) -> Decorator:
    """Decorator for a function that Python calls; its compiled form is kept in numba's cache.

    A compiled function contains functions of several files, but numba looks for changes only in the
    function's own file. So the cache is made to depend on all files of this folder.

    signature: the numba signature, such as ``void(int32[::1])``.
    """

    def compile_and_cache(function: Function, /) -> Function:
        dispatcher: Any = _njit(cache=True, nogil=True, **OPTIONS)(function)
        dispatcher._cache._cache_file._source_stamp = _source_hash()
        _replace_damaged_cache_files(dispatcher._cache)
        dispatcher.compile(signature)
        dispatcher.disable_compile()
        compiled_function: Function = dispatcher
        return compiled_function

    return compile_and_cache


def _replace_damaged_cache_files(cache: Any) -> None:
    """Make a cache of numba empty if its files cannot be read, so that the function is compiled again.

    A process that is killed while it writes, or a full disk, leaves a file that is cut off.

    cache: the ``numba.core.caching.FunctionCache`` of a function, changed in place.
    """
    load = cache.load_overload

    def load_or_empty(signature: Any, target: Any) -> Any:
        try:
            return load(signature, target)
        except Exception as error:  # a file that is cut off may raise any exception
            warnings.warn(
                f"{cache.cache_path}: numba's cache has a damaged file ({error}); compiling again",
                stacklevel=2,
            )
            _make_empty(cache)
            return None

    cache.load_overload = load_or_empty


def _make_empty(cache: Any) -> None:
    """Make a cache of numba empty. Raises ImportError, which says what to do, if this is not possible."""
    try:
        cache.flush()
    except OSError as error:
        raise ImportError(
            f"{cache.cache_path}: numba's cache is damaged and cannot be written ({error.strerror}); delete "
            "this folder, or set NUMBA_CACHE_DIR to a writable folder"
        ) from None


def _source_hash() -> str:
    """The SHA-256 of all files of this folder."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()


def _prefetch(context: Any, array: Any, index: Any) -> tuple[Any, Callable[..., Any]]:
    """The compiled form of ``prefetch``: returns its signature, and a function that emits its LLVM code.

    Numba calls this function with the numba types of ``array`` and ``index``.
    """

    def emit_prefetch(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        number, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        address = builder.bitcast(builder.gep(data, [values[1]]), pointer)
        to_write, to_keep, is_data = number(1), number(3), number(1)
        builder.call(function, [address, to_write, to_keep, is_data])
        return context.get_dummy_value()

    return types.void(array, types.intp), emit_prefetch


prefetch = cast(Callable[[npt.NDArray[Any], int | np.integer[Any]], None], intrinsic(_prefetch))
"""prefetch(array, index): load array[index], which will be written soon, into the processor's cache."""
