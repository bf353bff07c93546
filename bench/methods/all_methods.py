"""All methods by name: the backends of ``merge_impls`` with its plug-ins, and what the files here declare."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import bench.methods
from bench.methods.method import CONTRACT, Method
from merge_impls import Backend, backends

__all__ = ["Method", "declared_methods", "find_method", "methods"]


def methods() -> dict[str, Method]:
    """All methods, those that cannot run here too: of the contract first, then by file."""
    contract = {name: Method.from_backend_record(record) for name, record in backends().items()}
    return contract | declared_methods()


def find_method(name: str) -> Method:
    """The method of a name. An unknown one has a reason, as one that is not installed has."""
    known = methods()
    if name in known:
        return known[name]
    reason = f"no method of that name: {', '.join(known)}"
    return Method(name, version="", computes=CONTRACT, target=name, reason=reason)


@cache
def declared_methods() -> dict[str, Method]:
    """What the files of this folder declare: other programs, components, oracles."""
    found: dict[str, Method] = {}
    for module_info in iter_modules(bench.methods.__path__):
        module = import_module(f"bench.methods.{module_info.name}")
        for attribute, value in vars(module).items():
            if isinstance(value, Backend):
                method = Method.from_third_party(value, f"{module.__name__}:{attribute}")
                found.setdefault(method.name, method)
            elif isinstance(value, Method):
                found.setdefault(value.name, value)
    return found
