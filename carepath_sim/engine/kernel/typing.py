"""The kernel's tables as Numba sees them: one address, from which each table is read when used.

Handing a hundred tables from function to function costs more than what most functions do. So the
kernel hands on one number, the address of a list of addresses; ``K.T.pools`` reads where that
table lies and how long it is. Tables are neither copied nor counted: who calls the kernel keeps
them alive.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import make_array, populate_array

from carepath_sim.engine.kernel.address import Room
from carepath_sim.engine.kernel.tables import REAL, ROOMS, dimensions, positions

WORD = ir.IntType(64)
AT = positions()


class KernelType(types.Type):
    """All tables, or those of one room."""

    def __init__(self, room: str) -> None:
        self.room = room
        super().__init__(name=f"CarepathKernel({room})")


@register_model(KernelType)
class KernelModel(models.PrimitiveModel):
    """An address."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, WORD)


KINDS = {name: KernelType(name) for name in ROOMS}


@typeof_impl.register(Room)
def _kind_of_room(room: Room, _context: Any) -> KernelType:
    """Return the type of a room that Python hands over."""
    return KINDS[room.name]


@unbox(KernelType)
def _take_address(_kind: Any, given: Any, context: Any) -> Any:
    """Read the address that Python hands over."""
    held = context.pyapi.object_getattr_string(given, "address")
    address = context.pyapi.long_as_longlong(held)
    context.pyapi.decref(held)
    failed = cgutils.is_not_null(context.builder, context.pyapi.err_occurred())
    return NativeValue(address, is_error=failed)


@infer_getattr
class KernelAttributes(AttributeTemplate):
    """What stands behind a name."""

    key = KernelType

    def generic_resolve(self, kernel: Any, name: str) -> Any:  # type: ignore[override]
        """Return the type of a room, of a table, or of the address itself."""
        if not kernel.room:
            return types.int64 if name == "m" else KernelType(name)
        if name not in ROOMS[kernel.room]._fields:
            return None
        number = types.float64 if name in REAL else types.int64
        return types.Array(number, dimensions(kernel.room, name), "C", aligned=True)


@lower_getattr_generic(KernelType)
def _read(context: Any, builder: Any, kernel: KernelType, address: Any, name: str) -> Any:
    """Read where a table lies."""
    if not kernel.room:
        return address
    array_type = types.Array(
        types.float64 if name in REAL else types.int64,
        dimensions(kernel.room, name),
        "C",
        aligned=True,
    )
    rows = builder.inttoptr(address, WORD.as_pointer())
    place = AT[kernel.room, name]
    constant = builder.module.add_metadata([])

    def number(k: int) -> Any:
        found = builder.load(builder.gep(rows, [ir.Constant(WORD, place + k)]))
        found.set_metadata("invariant.load", constant)  # the list does not change while it runs
        return found

    array = make_array(array_type)(context, builder)
    shape = [number(1 + d) for d in range(array_type.ndim)]
    size = context.get_constant(types.intp, 8)
    strides = [size] if array_type.ndim == 1 else [builder.mul(shape[1], size), size]
    data_type = context.get_data_type(array_type.dtype).as_pointer()
    populate_array(
        array,
        data=builder.inttoptr(number(0), data_type),
        shape=cgutils.pack_array(builder, shape),
        strides=cgutils.pack_array(builder, strides),
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001 - so Numba does it


@intrinsic
def kernel_of(_typing: Any, m: Any) -> Any:
    """Return all tables by the address of the list of their addresses."""

    def generate(_context: Any, _builder: Any, _signature: Any, arguments: Any) -> Any:
        return arguments[0]

    return KernelType("")(types.int64), generate
