"""Finds the SQL that the documentation tells an operator to run, and as whom.

```sql          by `make sql ORGANIZATION=…`: the application role in an organization's scope
```sql scope    by the application role, which enters the scope itself
```sql owner    by the owner of the tables
```sql administrator    by somebody who may create roles (tests/database/test_system_role.py runs it)
make sql ORGANIZATION=… QUERY="…"
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.gates.rules import text_of
from tests.support.gates.tree import ROOT, committed_files, shown

_BLOCK = re.compile(r"^ *```sql *(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"make sql ORGANIZATION=\S+ QUERY=(?:\"([^\"]+)\"|'([^']+)')")
_BARE = re.compile(
    r"\b(?:SELECT [^`\n]+ FROM|UPDATE \w+ SET|INSERT INTO \w+|DELETE FROM \w+|ALTER (?:ROLE|TABLE) \w+"
    r"|CREATE (?:ROLE|TABLE) \w+)\b"
)


@dataclass(frozen=True)
class Statement:
    """One statement, or a block that is run as a whole: where it stands, who runs it, what it says."""

    page: str
    reader: str
    text: str


def statements() -> list[Statement]:
    """Return every statement of README.md and docs/, in the order of the pages."""
    return [found for page, text in _pages() for found in in_page(page, text)]


def in_page(page: str, text: str) -> Iterator[Statement]:
    """Yield what a page tells its reader to run."""
    for reader, block in _BLOCK.findall(text):
        yield Statement(page, reader or "operator", block.strip())
    for quoted in _COMMAND.findall(text):
        yield Statement(page, "operator", next(filter(None, quoted)))


def bare_sql() -> list[str]:
    """Return a sentence for each statement that does not say how it is run."""
    return [
        f'{page} says {found!r} and not as whom: write make sql ORGANIZATION=… QUERY="…", or a block of sql'
        for page, text in _pages()
        for found in bare_in(text)
    ]


def bare_in(text: str) -> list[str]:
    """Return the SQL of a text that is in no block and in no command."""
    return _BARE.findall(_COMMAND.sub("", _BLOCK.sub("", text)))


def _pages() -> Iterator[tuple[str, str]]:
    for file in committed_files():
        # Reference pages state facts and examples; the guide's own statements are run by guide_sql.py.
        is_of_docs = file.is_relative_to(ROOT / "docs") and file.suffix == ".md"
        if file.is_relative_to(ROOT / "docs/reference"):
            continue
        if is_of_docs or file == ROOT / "README.md":
            yield shown(file), text_of(file)
