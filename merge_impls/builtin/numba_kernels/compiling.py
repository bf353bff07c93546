"""How functions are compiled, and when numba's cache is out of date.

No function counts references, which took three quarters of the time: the caller owns the arrays, and
nothing is allocated. Entry points have explicit signatures: they are compiled, or read from the cache,
when they are imported, and never for other types.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}

Function = TypeVar("Function", bound=Callable[..., object])


class Decorator(Protocol):
    """A decorator that changes no signature."""

    def __call__(self, function: Function, /) -> Function: ...


# The annotations of njit lack some of its options.
_njit = cast(Callable[..., Decorator], njit)

compiled = _njit(no_cpython_wrapper=True, **OPTIONS)
"""A function that only compiled functions call."""

inlined = _njit(forceinline=True, no_cpython_wrapper=True, **OPTIONS)
"""The same, without the cost of a call."""


def entry(signature: object) -> Decorator:
    """A function that Python calls, kept in numba's cache.

    Numba by itself notices a change in the function's own file only. Here a change in any file of
    this folder makes the cache out of date, because functions of several files are compiled into
    one.
    """

    def compile_entry(function: Function, /) -> Function:
        dispatcher: Any = _njit(cache=True, nogil=True, **OPTIONS)(function)
        dispatcher._cache._cache_file._source_stamp = _source_hash()
        dispatcher.compile(signature)
        dispatcher.disable_compile()
        compiled_function: Function = dispatcher
        return compiled_function

    return compile_entry


def _source_hash() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()


def _prefetch(context: Any, array: Any, index: Any) -> tuple[Any, Callable[..., Any]]:
    """Prefetch array[index], which will be written soon.

    The arguments are numba's: types, for which it gets the signature and a code generator.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        number, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        address = builder.bitcast(builder.gep(data, [values[1]]), pointer)
        to_write, to_keep, is_data = number(1), number(3), number(1)
        builder.call(function, [address, to_write, to_keep, is_data])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


prefetch = cast(Callable[[npt.NDArray[Any], int | np.integer[Any]], None], intrinsic(_prefetch))
