"""How compiled functions look at the flag that stops a merge.

Loops whose steps do little work look once in STEPS_PER_LOOK steps, all others at each step. When the flag
is set, a function returns at once, and what it was writing is incomplete: so Python calls
``raise_if_stopped`` after every compiled function that looks.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from merge_impls.builtin.numba_kernels.compiling import inlined
from merge_impls.builtin.numba_kernels.layouts import Int32s, Integer
from merge_impls.builtin.stoppable_call import Stopped

STEPS_PER_LOOK = 16384


def _load_flag(context: Any, array: Any) -> tuple[Any, Callable[..., Any]]:
    """The compiled form of ``load_flag``: returns its signature, and a function that emits LLVM code."""

    def emit_load(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        loaded: ir.Instruction = builder.load_atomic(data, "monotonic", 4)
        return loaded

    return types.int32(array), emit_load


load_flag = cast(Callable[[Int32s], int], intrinsic(_load_flag))
"""load_flag(array): array[0], which is read again at each call, because another thread may write it."""


@inlined
def must_stop(stop: Int32s) -> bool:
    """Whether the caller wants the merge to stop. stop: the flag, (1,)."""
    return load_flag(stop) != 0


@inlined
def must_stop_at(stop: Int32s, step: Integer) -> bool:
    """The same for step number ``step`` of a loop; looks at some of the steps only."""
    return step % STEPS_PER_LOOK == 0 and load_flag(stop) != 0


def raise_if_stopped(stop: Int32s) -> None:
    """Raise ``Stopped`` if the flag is set."""
    if stop[0] != 0:
        raise Stopped
