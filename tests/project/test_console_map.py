"""The map of the console in docs/console.md: every page that the navigation has, with who may open it."""

import re

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import ROOT

MAP = "docs/console.md"
_LINK = re.compile(r'path: "(/[^"]+)",(?:[^{}]*?)permission: "([a-z_]+:[a-z_]+)"', re.DOTALL)
_ROW = re.compile(r"^\| [^|]+ \| `(/[^`]*)` \| [^|]+ \| ([^|]+) \|", re.MULTILINE)
_WORDS = {
    ("admin",): "admin",
    ("admin", "manager"): "admin, manager",
    ("admin", "agent", "manager"): "everybody",
}


@rule
def test_the_map_has_every_page_with_those_who_may_open_it() -> Sentences:
    from banxway.security.permissions import PERMISSIONS

    rows = dict(_ROW.findall((ROOT / MAP).read_text(encoding="utf-8")))
    links = _LINK.findall((ROOT / "console" / "src" / "shell" / "pages.ts").read_text(encoding="utf-8"))
    if not links:
        yield "no link of the navigation was found"
    for path, permission in links:
        wanted = _WORDS[tuple(sorted(PERMISSIONS.get(permission, {"admin", "manager"})))]
        if path not in rows:
            yield f"{MAP} lacks {path}"
        elif rows[path].strip() != wanted:
            yield f"{MAP} says that {path} is for {rows[path].strip()}, and {permission} is for {wanted}"
