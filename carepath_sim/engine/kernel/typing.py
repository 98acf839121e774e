"""The kernel's tables as Numba sees them: one address, from which each table is read when used.

Handing a hundred tables from function to function costs more than what most functions do. So the
kernel hands on one number, the address of a list of addresses; ``K.T.pools`` reads where that
table lies and how long it is. Tables are neither copied nor counted: who calls the kernel keeps
them alive.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global
from numba.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import make_array, populate_array

from carepath_sim.engine.kernel.address import Room
from carepath_sim.engine.kernel.columns import WIDTHS
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


class TableType(types.Type):
    """A table of numbers that is read and written where it lies."""

    def __init__(self, room: str, name: str) -> None:
        self.room, self.table = room, name
        self.place = AT[room, name]
        self.ndim = dimensions(room, name)
        self.number = types.float64 if name in REAL else types.int64
        self.row = types.Array(self.number, 1, "C", aligned=True)
        super().__init__(name=f"CarepathTable({room}.{name})")


@register_model(TableType)
class TableModel(models.PrimitiveModel):
    """The address of the list of addresses, as of a kernel."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, WORD)


@infer_getattr
class KernelAttributes(AttributeTemplate):
    """What stands behind a name."""

    key = KernelType

    def generic_resolve(self, kernel: Any, name: str) -> Any:  # type: ignore[override]
        """Return the type of a room, of a table, or of the address itself."""
        if not kernel.room:
            return types.int64 if name == "m" else KINDS[name]
        return TABLES[kernel.room, name] if name in ROOMS[kernel.room]._fields else None


@lower_getattr_generic(KernelType)
def _find(_context: Any, _builder: Any, _kernel: KernelType, address: Any, _name: str) -> Any:
    """Return the address: which room or table it is of is known by its type."""
    return address


@infer_getattr
class TableAttributes(AttributeTemplate):
    """The size of a table."""

    key = TableType

    def resolve_shape(self, table: Any) -> Any:
        """Return the type of rows and columns."""
        return types.UniTuple(types.int64, table.ndim)


@lower_getattr(TableType, "shape")
def _shape(_context: Any, builder: Any, table: TableType, address: Any) -> Any:
    return cgutils.pack_array(
        builder, [_number(builder, table, address, 1 + d) for d in range(table.ndim)]
    )


@infer_global(len)
class TableLength(AbstractTemplate):
    """How many rows a table has."""

    def generic(self, args: Any, _kws: Any) -> Any:
        """Return the signature for a table."""
        return types.int64(*args) if isinstance(args[0], TableType) else None


@lower_builtin(len, TableType)
def _length(_context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _number(builder, signature.args[0], arguments[0], 1)


@infer_global(operator.getitem)
class TableItem(AbstractTemplate):
    """A number of a table, or a row of one with columns."""

    def generic(self, args: Any, _kws: Any) -> Any:
        """Return the signature for a table."""
        table, index = args
        if not isinstance(table, TableType):
            return None
        if isinstance(index, types.Integer | types.Boolean):
            return (table.number if table.ndim == 1 else table.row)(table, types.int64)
        if table.ndim == 2 and isinstance(index, types.BaseTuple) and len(index) == 2:
            return table.number(table, types.UniTuple(types.int64, 2))
        return None


@infer_global(operator.setitem)
class TableStore(AbstractTemplate):
    """A number put into a table."""

    def generic(self, args: Any, _kws: Any) -> Any:
        """Return the signature for a table."""
        table = args[0]
        if not isinstance(table, TableType):
            return None
        kind = types.int64 if table.ndim == 1 else types.UniTuple(types.int64, 2)
        return types.void(table, kind, table.number)


@lower_builtin(operator.getitem, TableType, types.Integer)
def _read_row(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Read a number, or say where a row lies."""
    table = signature.args[0]
    if table.ndim == 1:
        return builder.load(_cell(builder, table, arguments[0], arguments[1]))
    columns = _number(builder, table, arguments[0], 2)
    cell = _cell(builder, table, arguments[0], builder.mul(arguments[1], columns))
    size = context.get_constant(types.intp, 8)
    array = make_array(table.row)(context, builder)
    populate_array(
        array,
        data=cell,
        shape=cgutils.pack_array(builder, [columns]),
        strides=cgutils.pack_array(builder, [size]),
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001 - so Numba does it


@lower_builtin(operator.getitem, TableType, types.UniTuple)
def _read_cell(_context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Read a number of a row."""
    return builder.load(_cell_at(builder, signature.args[0], *arguments))


@lower_builtin(operator.setitem, TableType, types.Integer, types.Any)
def _write(_context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write a number."""
    table, index, value = arguments
    builder.store(value, _cell(builder, signature.args[0], table, index))


@lower_builtin(operator.setitem, TableType, types.UniTuple, types.Any)
def _write_cell(_context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write a number of a row."""
    table, index, value = arguments
    builder.store(value, _cell_at(builder, signature.args[0], table, index))


def _number(builder: Any, table: TableType, address: Any, k: int) -> Any:
    """Read what the list of addresses says of a table: where it lies, its rows, its columns."""
    width = WIDTHS.get(table.table) if table.room == "S" else None
    if k == 2 and width:
        return ir.Constant(WORD, width)
    rows = builder.inttoptr(address, WORD.as_pointer())
    found = builder.load(builder.gep(rows, [ir.Constant(WORD, table.place + k)]))
    # The list does not change while the kernel runs.
    found.set_metadata("invariant.load", builder.module.add_metadata([]))
    return found


def _cell(builder: Any, table: TableType, address: Any, number: Any) -> Any:
    """Return where a number of a table lies; there is no counting from the end."""
    kind = ir.DoubleType() if table.number is types.float64 else WORD
    data = builder.inttoptr(_number(builder, table, address, 0), kind.as_pointer())
    return builder.gep(data, [number])


def _cell_at(builder: Any, table: TableType, address: Any, index: Any) -> Any:
    row, column = cgutils.unpack_tuple(builder, index, 2)
    columns = _number(builder, table, address, 2)
    return _cell(builder, table, address, builder.add(builder.mul(row, columns), column))


TABLES = {both: TableType(*both) for both in AT}


@intrinsic
def kernel_of(_typing: Any, m: Any) -> Any:
    """Return all tables by the address of the list of their addresses."""

    def generate(_context: Any, _builder: Any, _signature: Any, arguments: Any) -> Any:
        return arguments[0]

    return KernelType("")(types.int64), generate
