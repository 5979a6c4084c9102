"""Reads from a handler's source what is declared nowhere else: how it answers and how it reads the path."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import Any, get_args, get_type_hints


def answer_of(handler: Callable[..., Any]) -> Any:
    """Return X of a handler annotated `-> Reply[X]`. Raises TypeError for any other annotation."""
    returned = get_type_hints(inspect.unwrap(handler)).get("return")
    arguments = get_args(returned)
    if len(arguments) != 1:
        raise TypeError(f"{handler.__module__}: the handler must be annotated -> Reply[...]")
    return arguments[0]


class Written:
    """What only the handler's source says: its statuses, its message, how it reads the path."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        function = inspect.unwrap(handler)
        calls = [
            node
            for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function))))
            if isinstance(node, ast.Call)
        ]
        named = {call.func.id: call for call in calls if isinstance(call.func, ast.Name)}
        self.is_page = "page" in named
        self.is_list = self.is_page or "listing" in named
        keywords = {each.arg: each.value for each in named["Reply"].keywords} if "Reply" in named else {}
        self.has_message = "message" in keywords
        self.message = _text_of(keywords.get("message"))
        self.file_type = _file_type(named.get("File"))
        self.is_html = "HtmlPage" in named
        self.answers_apart = bool(self.file_type) or self.is_html
        self.statuses = _numbers_in(keywords.get("status")) or [200]
        self.path_schemas = dict(_path_schemas(calls, function.__globals__))


def _numbers_in(node: ast.AST | None) -> list[int]:
    if node is None:
        return []
    found = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return sorted(number for number in found if isinstance(number, int))


def _text_of(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _file_type(call: ast.Call | None) -> str | None:
    """Return the media type of the file that a handler answers with, without its parameters."""
    types = {each.arg: each.value for each in call.keywords} if call else {}
    return str(ast.literal_eval(types["content_type"])).partition(";")[0] if types else None


def _path_schemas(calls: Iterable[ast.Call], names: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for call in calls:
        reader = call.func
        if not isinstance(reader, ast.Attribute) or ast.unparse(reader.value) != "request.path":
            continue
        name = ast.literal_eval(call.args[0])
        if reader.attr == "uuid":
            yield name, {"type": "string", "format": "uuid"}
        elif reader.attr == "choice":
            yield name, {"type": "string", "enum": sorted(names[ast.unparse(call.args[1])])}
