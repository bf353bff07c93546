"""Finds all methods: the backends of ``merge_impls``, its plug-ins, and those declared in this folder."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import bench.methods
from bench.methods.method import CONTRACT, Method
from merge_impls import Backend, backends

__all__ = ["Method", "methods_in_this_folder", "find_method", "methods_by_name"]


def methods_by_name() -> dict[str, Method]:
    """All methods by name, also those that cannot run here. Backends of ``merge_impls`` come first."""
    contract = {name: Method.from_backend_record(record) for name, record in backends().items()}
    return contract | methods_in_this_folder()


def find_method(name: str) -> Method:
    """The method of this name. For an unknown name, a method whose ``reason`` says so and that cannot run."""
    known = methods_by_name()
    if name in known:
        return known[name]
    reason = f"no method of that name: {', '.join(known)}"
    return Method(name, version="", computes=CONTRACT, target=name, reason=reason)


@cache
def methods_in_this_folder() -> dict[str, Method]:
    """The methods that the files of this folder declare, by name."""
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
