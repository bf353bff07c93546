"""Write docs/api.md from the docstrings of the public names of merge_impls: python docs/make_api.py.

The public names are those in ``merge_impls.__all__``. Their source is read, not imported, so that
signatures appear as they are written. Docstrings have sections in Google style.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "api.md"

WIDTH = 120
"""The longest line of prose in the page."""

SECTIONS = {
    "Attributes": "Attributes",
    "Args": "Arguments",
    "Returns": "Returns",
    "Yields": "Yields",
    "Raises": "Raises",
}
"""The headings of sections in docstrings, and in the page."""

GROUPS = ("Functions", "Classes", "Exceptions", "Types and constants")

INTRODUCTION = """\
Import these names from `merge_impls`. This page is made from their docstrings by
`python docs/make_api.py`. Array types such as `Int32Array` are names for numpy arrays, see
[arrays.py](../merge_impls/arrays.py). Further public modules are listed in
[merge_impls](../merge_impls/__init__.py)."""


def api_page() -> str:
    """The text of docs/api.md."""
    groups: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for name, module in public_names():
        node, code, doc = find_definition(module, name)
        groups[group_of(node)].append((name, describe(name, node, code, doc)))
    contents = [
        wrap(f"- {group}: {', '.join(f'[{name}](#{name.lower()})' for name, _ in entries)}", "  ")
        for group, entries in groups.items()
    ]
    parts = ["# The public names of merge_impls", wrap(INTRODUCTION), "\n".join(contents)]
    for group, entries in groups.items():
        parts += [f"## {group}", *(entry for _, entry in entries)]
    return "\n\n".join(parts) + "\n"


def public_names() -> list[tuple[str, str]]:
    """The public names in the order of ``__all__``, each with the module that defines it."""
    tree = ast.parse(read_source("merge_impls"))
    modules = {
        alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    names = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    return [(name, modules[name]) for name in names]


def read_source(module: str) -> str:
    """The source of a module."""
    path = ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return path.read_text(encoding="utf-8")


def find_definition(module: str, name: str) -> tuple[ast.stmt, str, str]:
    """The statement that defines a name, its source, and the docstring of the name.

    Raises ValueError if the name is not defined in the module or has no docstring.
    """
    source = read_source(module)
    body = ast.parse(source).body
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            doc = ast.get_docstring(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and assigned_name(node) == name:
            doc = text_of(following)
        else:
            continue
        if not doc:
            raise ValueError(f"{module}.{name} has no docstring; write one")
        return node, ast.get_source_segment(source, node) or "", doc
    raise ValueError(f"{module} does not define {name}; import it where it is defined")


def assigned_name(node: ast.Assign | ast.AnnAssign) -> str:
    """The name to which a statement assigns."""
    return ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def text_of(node: ast.stmt | None) -> str:
    """The text of a statement that is only a string, as below a constant; "" for any other."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return textwrap.dedent(str(node.value.value)).strip()
    return ""


def group_of(node: ast.stmt) -> str:
    """The group of the page to which a definition belongs."""
    if isinstance(node, ast.FunctionDef):
        return "Functions"
    if not isinstance(node, ast.ClassDef):
        return "Types and constants"
    bases = " ".join(map(ast.unparse, node.bases))
    return "Exceptions" if "Error" in bases or "Unavailable" in bases else "Classes"


def describe(name: str, node: ast.stmt, code: str, doc: str) -> str:
    """The part of the page about one name. code: the source of its definition."""
    parts = [f"### {name}"]
    if isinstance(node, ast.FunctionDef):
        parts.append(signature(node))
    elif isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, node.bases))
        parts.append(f"```python\nclass {name}{f'({bases})' if bases else ''}\n```")
    else:
        parts.append(f"```python\n{code}\n```")
    parts += sections(doc, annotations(node))
    for method in public_methods(node):
        parts += [f"#### {name}.{method.name}", signature(method)]
        parts += sections(ast.get_docstring(method) or "", {})
    return "\n\n".join(parts)


def signature(node: ast.FunctionDef) -> str:
    """The signature of a function or method as a block of code."""
    kinds = [f"@{ast.unparse(decorator)}\n" for decorator in node.decorator_list]
    arguments = re.sub(r"(?<=[\w\]])=", " = ", ast.unparse(node.args)).replace("'", '"')
    result = ast.unparse(node.returns).strip("'") if node.returns else ""
    line = f"def {node.name}({arguments}) -> {result}"
    if len(line) > 100:
        one_a_line = re.sub(r", (?=\*|\w+:)", ",\n    ", arguments)
        line = f"def {node.name}(\n    {one_a_line},\n) -> {result}"
    return f"```python\n{''.join(kinds)}{line}\n```"


def annotations(node: ast.stmt) -> dict[str, str]:
    """The types of the attributes of a class, by name."""
    body = node.body if isinstance(node, ast.ClassDef) else []
    fields = [field for field in body if isinstance(field, ast.AnnAssign)]
    return {ast.unparse(field.target): ast.unparse(field.annotation) for field in fields}


def public_methods(node: ast.stmt) -> Iterator[ast.FunctionDef]:
    """The methods and properties of a class without a leading underscore."""
    for method in node.body if isinstance(node, ast.ClassDef) else []:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            yield method


def sections(doc: str, types: dict[str, str]) -> Iterator[str]:
    """The blocks of a docstring as Markdown. types: the types of attributes, by name."""
    heading = ""
    for block in re.split(r"\n\s*\n", doc):
        first, _, rest = block.partition("\n")
        if first.rstrip(":") in SECTIONS and first.endswith(":"):
            heading = first.rstrip(":")
            yield f"**{SECTIONS[heading]}**"
            block = textwrap.dedent(rest)
        if heading in ("Attributes", "Args", "Raises"):
            yield "\n".join(list_item(item, types) for item in re.split(r"\n(?=\S)", block))
        else:
            yield wrap(markdown(block))


def list_item(item: str, types: dict[str, str]) -> str:
    """A line such as "name: what it is" as an item of a list, with the type if it is known."""
    name, _, text = item.partition(":")
    kind = f" (`{types[name]}`)" if name in types else ""
    return wrap(f"- `{name}`{kind}: {markdown(text).strip()}", "  ")


def markdown(text: str) -> str:
    """Docstring text as Markdown, in which names stand in single backquotes."""
    return (
        re.sub(r"``(.+?)``", r"`\1`", text)
        .replace("*grid", "\\*grid")
        .replace("*shape", "\\*shape")
    )


def wrap(text: str, indent: str = "") -> str:
    """Text in lines of at most ``WIDTH`` characters."""
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


if __name__ == "__main__":
    PAGE.write_text(api_page(), encoding="utf-8")
