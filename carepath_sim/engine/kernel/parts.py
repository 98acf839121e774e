"""Parts of the kernel, each compiled once and called by its address.

Numba copies what a compiled function calls into the caller and optimises the whole again, at
every level: a kernel of eighty functions on ten levels would take minutes. A part is instead a
symbol that the linker resolves, as the functions of the C library are, so that the time to
compile grows with the size of the kernel alone. What is called for every event and is small
enough to gain by it is still compiled into its callers (`carepath_sim.engine.compiling.inner`).
"""

from __future__ import annotations

from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, TypeVar

from carepath_sim.engine.compiling import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

if COMPILED:
    import llvmlite.binding
    from llvmlite import ir
    from numba import njit, types
    from numba.core import cgutils
    from numba.core.dispatcher import Dispatcher
    from numba.core.extending import _Intrinsic as Intrinsic
    from numba.extending import intrinsic

    RESULTS = {"None": types.void, "int": types.int64, "bool": types.boolean}

NOWHERE = 0x1000
"""An address that is never called."""
PARTS: dict[Any, tuple[str, Any, Any]] = {}
"""By what stands for a part in its callers: its symbol, what compiles it, and its signature."""


def part(function: F) -> F:
    """Make a function over whole numbers a part of the kernel.

    Its annotations say what it returns: None, int or bool. It may call what is defined above it.
    """
    if not COMPILED:
        return function
    result = RESULTS[str(signature(function).return_annotation)]
    arguments = (types.int64,) * len(signature(function).parameters)
    symbol = f"carepath.{function.__module__}.{function.__name__}"
    compile_it: Any = njit  # its stubs lack two options
    compiled = compile_it(
        cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    stands_for_it = _call(function, symbol, result(*arguments))
    PARTS[stands_for_it] = symbol, compiled, result(*arguments)
    return stands_for_it


def compile_parts() -> None:
    """Compile the parts, or read them from the cache, and tell the linker where they lie."""
    for one in callees_first():
        symbol, compiled, kind = PARTS[one]
        compiled.compile(kind.args)
        library = compiled.overloads[kind.args].library
        name = compiled.overloads[kind.args].fndesc.llvm_func_name
        llvmlite.binding.add_symbol(symbol, library.get_pointer_to_function(name))


def compile_share(share: int, of: int) -> None:
    """Compile one of several shares of the parts for the cache on disk, to be called by nobody.

    Parts need each other's place to be called, but not to be compiled: here any place will do.
    """
    for symbol, _, _ in PARTS.values():
        llvmlite.binding.add_symbol(symbol, NOWHERE)
    by_size = sorted(PARTS.values(), key=lambda one: -len(one[1].py_func.__code__.co_code))
    for _, compiled, kind in by_size[share::of]:
        compiled.compile(kind.args)


def callees_first() -> list[Any]:
    """Return the parts, each after those that it calls, for the linker must know their place."""
    order: dict[Any, None] = {}
    seen: set[Any] = set()

    def visit(thing: Any) -> None:
        if thing in seen:
            return
        seen.add(thing)
        function = PARTS[thing][1].py_func if thing in PARTS else thing.py_func
        for name in function.__code__.co_names:
            used = function.__globals__.get(name)
            if isinstance(used, Dispatcher) or (isinstance(used, Intrinsic) and used in PARTS):
                visit(used)
        if thing in PARTS:
            order[thing] = None

    for thing in PARTS:
        visit(thing)
    return list(order)


def _call(function: Any, symbol: str, kind: Any) -> Any:
    """Return what stands for a part in the functions that call it."""

    def call(_typing: Any, *given: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            convention = context.call_conv
            shape = convention.get_function_type(kind.return_type, kind.args)
            called = cgutils.get_or_insert_function(builder.module, shape, symbol)
            status, result = convention.call_function(
                builder, called, kind.return_type, kind.args, arguments
            )
            with cgutils.if_unlikely(builder, status.is_error):
                convention.return_status_propagate(builder, status)
            return result if kind.return_type != types.void else ir.Constant(ir.IntType(8), None)

        return (kind, generate) if len(given) == len(kind.args) else None

    call.__name__ = function.__name__
    typing = Parameter("_typing", Parameter.POSITIONAL_OR_KEYWORD)
    parameters = signature(function).parameters.values()
    call.__signature__ = Signature((typing, *parameters))  # type: ignore[attr-defined]
    return intrinsic(call)
