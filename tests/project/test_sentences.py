"""Every path in a sentence of ours leads somewhere: to a page of the guide, or to a route of the API."""

import ast
import json
import re
from collections.abc import Iterator

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import PACKAGE, ROOT, shown

PAGES = {
    "/settings",
    "/settings/integrations",
    "/settings/team",
    "/settings/phone-numbers",
    "/settings/email-accounts",
    "/inbox",
}
"""The pages that the guide names."""

_PATH = re.compile(r"(?<![\w.}-])/(?:api/v1|settings|inbox)(?:/[\w{}-]+)*(?![\w/])")


@rule
def test_a_path_in_a_sentence_leads_somewhere() -> Sentences:
    """Somebody who follows it must not end at a 404."""
    routes = [path.split("/") for path in json.loads((ROOT / "openapi.json").read_text())["paths"]]
    for file in sorted((PACKAGE / "services").rglob("*.py")):
        for line, text in _texts(ast.parse(file.read_text())):
            for path in _PATH.findall(text):
                is_route = any(_fits(path.split("/"), route) for route in routes)
                if path not in PAGES and not is_route:
                    yield f"{shown(file)}:{line} names {path}, which is neither a page of the guide nor a route"


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every text outside of docstrings; what is filled in stands as `{}`."""
    skipped = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    skipped |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        if isinstance(node, ast.JoinedStr):
            parts = (each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)
            yield node.lineno, "".join(map(str, parts))


def _fits(path: list[str], route: list[str]) -> bool:
    return len(path) == len(route) and all(
        mine == theirs or mine.startswith("{") or theirs.startswith("{")
        for mine, theirs in zip(path, route, strict=True)
    )
