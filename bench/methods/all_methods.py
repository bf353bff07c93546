"""Finds all methods: the backends of ``merge_impls``, its plug-ins, and those declared in this folder."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import bench.methods
from bench.methods.method import CONTRACT, LABEL_SIGN, Method
from merge_impls import Backend, backends
from merge_impls.merging import record_of_import_path
from merge_impls.text_formats import quoted_names

__all__ = [
    "Method",
    "methods_in_this_folder",
    "closest_and_known",
    "find_method",
    "methods_by_name",
]


def methods_by_name() -> dict[str, Method]:
    """All methods by name, also those that cannot run here. Backends of ``merge_impls`` come first."""
    contract = {name: Method.from_backend_record(record) for name, record in backends().items()}
    return contract | methods_in_this_folder()


def find_method(name: str) -> Method:
    """The method of this name, or of a backend at "module:object" or "LABEL=module:object".

    For an unknown name, a method whose ``reason`` says so and that cannot run.
    """
    known = methods_by_name()
    if name in known:
        return known[name]
    if ":" in name:
        target = name.partition(LABEL_SIGN)[2] or name
        return replace(Method.from_backend_record(record_of_import_path(target)), name=name)
    reason = f"no method of that name: {closest_and_known(name, known)}"
    return Method(name, version="", computes=CONTRACT, target=name, reason=reason)


def closest_and_known(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the most similar known name, and all known names."""
    known = list(known)
    close = "".join(f"the closest is {each!r}; " for each in get_close_matches(name, known, 1, 0))
    return f"{close}there are {quoted_names(known)}"


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
