"""Asking memory for what a kernel will read soon, while it goes on with something else."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

READ, KEEP, DATA = 0, 3, 1
"""What LLVM's prefetch is told: rw, locality, cache type."""


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(typing: Any, array: Any, row: Any) -> Any:
    """Ask for the line in which a row of an array begins; nothing else happens, not even where there is no such row."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = context.make_array(signature.args[0])(context, builder, arguments[0])
        stride = builder.extract_value(found.strides, 0)
        row = context.cast(builder, arguments[1], signature.args[1], types.intp)
        address = builder.add(builder.ptrtoint(found.data, stride.type), builder.mul(row, stride))
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch")
        hints = [ir.Constant(number, hint) for hint in (READ, KEEP, DATA)]
        builder.call(function, [builder.inttoptr(address, byte), *hints])
        return context.get_dummy_value()

    return types.void(array, row), make
