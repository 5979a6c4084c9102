"""Generated files are trusted because they are checked, not because somebody remembered to run the generator."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import PACKAGE, ROOT, committed_files, shown

LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
IN_THE_TREE = re.compile(r"`((?:\.ci|bench|docs|events|functions|layers|local|tests)/[\w./-]+)(?:::\w+)*`")
IN_THE_LAYER = re.compile(r"`((?:app|entrypoints|models|providers|security|services|storage)/[\w./-]+)`")
COMMAND = re.compile(r"(?:`|^)make ((?:[a-z][a-z-]* ?)+)", re.MULTILINE)

COMMANDS_OF_THE_GUIDE = (
    "node migrate-all.js",
    "psql -c",
    "> audit.csv",
    "Supabase SQL editor",
    "tail -f logs/app.log",
    "grep -i",
    "tail -f logs/email-poller.log",
    "tail -n 100 logs/app.log",
    "ps aux | grep email-poller",
    "npm run worker:email-poller",
    "Collect Debug Information",
    "echo $EXOTEL_SID",
    "curl https://api.exotel.com",
    "telnet smtp.zoho.com 587",
    "telnet imap.zoho.com 993",
    "CREATE EXTENSION",
    "ngrok http 8000",
    "/health",
)


@rule
def test_a_generated_page_is_fresh() -> Sentences:
    """An undocumented function, error, setting or permission fails here."""
    from local.stale import is_fresh

    for page, text in _generated().items():
        if not is_fresh(ROOT / page, text):
            yield f"{page} is stale: run make documents"


@rule
def test_openapi_json_is_fresh() -> Sentences:
    """Clients are generated from it."""
    from local.openapi import document as openapi
    from local.stale import is_fresh

    if not is_fresh(ROOT / openapi.TARGET, openapi.render()):
        yield f"{openapi.TARGET} is stale: run make openapi"


@rule
def test_generating_twice_gives_the_same_text() -> Sentences:
    """Otherwise freshness would depend on luck."""
    from local import documents
    from local.openapi import document as openapi

    if openapi.render() != openapi.render():
        yield "openapi.json comes out otherwise each time"
    again = documents.render()
    for page, text in _generated().items():
        if again.get(page) != text:
            yield f"{page} comes out otherwise each time"


@rule
def test_a_page_points_only_to_what_exists() -> Sentences:
    """A broken link in a guide stops its reader, and so does the old name of a file that moved."""
    pages = [file for file in committed_files() if file.suffix == ".md"]
    for page in pages:
        yield from (f"{shown(page)} {problem}" for problem in _problems(text_of(page), page.parent))
    if len(pages) < 20:
        yield f"only {len(pages)} pages were read: this test looks in the wrong place"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("see [the map](architecture.md#layers) and `docs/errors.md`, then `make test`", None),
        ("`services/messages/send.py`, `tests/soak/test_pooler.py::test_one` and `functions/<area>/`", None),
        ("[gone](gone.md)", "links to gone.md"),
        ("`tests/journeys/test_gone.py`", "names tests/journeys/test_gone.py"),
        ("`tests/journeys/test_gone.py::test_one`", "names tests/journeys/test_gone.py"),
        ("`services/gone.py`", "names services/gone.py"),
        ("`make nonsense ONLY=it`", "names make nonsense"),
        ("`make support-bundle URL=it`", None),
        ("`make support-bumble URL=it`", "names make support-bumble"),
        ("```sh\nmake nonsense   # all of it\n```", "names make nonsense"),
    ],
)
def test_what_a_page_names_in_vain_is_said(text: str, sentence: str | None) -> None:
    found = list(_problems(text, ROOT / "docs"))

    assert len(found) == (sentence is not None)
    assert sentence is None or found[0].startswith(sentence)


@rule
def test_a_remedy_names_only_functions_that_exist() -> Sentences:
    """Somebody who looks for a function in trouble must find it."""
    from banxway.services.status.diagnosis.catalogue import CAUSES

    areas = "|".join(folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir())
    fixes = " ".join(cause.fix for cause in CAUSES.values())
    named = re.findall(rf"(?<![/\w])((?:{areas})/[a-z_]+)\b(?!/)", fixes)
    if len(named) < 5:
        yield f"only {named} are named by remedies: this test looks in the wrong place"
    for name in named:
        if not (ROOT / "functions" / name / "app.py").is_file():
            yield f"a remedy names functions/{name}, which is not there"


@rule
def test_every_command_of_the_setup_guide_has_one_here() -> Sentences:
    """Who follows the guide in trouble must not end at a command that does not exist."""
    from local import guide_commands

    said = " ".join(row[0] for row in guide_commands.ROWS)
    for command in COMMANDS_OF_THE_GUIDE:
        if command not in said:
            yield f"local/guide_commands.py does not say what to type instead of {command}"
    for guides, here, on_aws in guide_commands.ROWS:
        if not (guides and here and on_aws):
            yield f"{guides} has an empty column"


@rule
def test_the_example_function_is_a_real_one() -> Sentences:
    """An example that is copied must be one that works."""
    examples = re.findall(
        r"^```python\n(.*?)```", text_of(ROOT / "docs/adding-a-function.md"), re.DOTALL | re.MULTILINE
    )
    if examples != [text_of(ROOT / "functions/threads/get/app.py")]:
        yield "docs/adding-a-function.md should show functions/threads/get/app.py as it is, and no other function"


@rule
def test_the_guide_shows_every_kind_of_function() -> Sentences:
    """A kind that the guide leaves out is one that nobody chooses."""
    from local.function_files import KINDS

    page = text_of(ROOT / "docs/adding-a-function.md")
    for kind in KINDS:
        if f"`@{kind}" not in page:
            yield f"docs/adding-a-function.md does not show @{kind}"


@rule
def test_the_guide_names_every_capability() -> Sentences:
    """The list in the guide is the list in providers/base.py."""
    page = text_of(ROOT / "docs/adding-a-provider.md")
    base = text_of(PACKAGE / "providers" / "base.py")
    drawn = re.findall(r"^    ([A-Z]\w+) +\w+", base.split('"""')[1], re.MULTILINE)
    if not drawn:
        yield "providers/base.py lists no capability in its docstring"
    for name in drawn:
        if f"`{name}`" not in page:
            yield f"docs/adding-a-provider.md does not name {name}"


def _problems(text: str, folder: Path) -> Sentences:
    """Yield what a page in a folder links to or names in vain."""
    for target in LINK.findall(text):
        if not (folder / target).exists():
            yield f"links to {target}, which is not there"
    for root, names in ((ROOT, IN_THE_TREE), (PACKAGE, IN_THE_LAYER)):
        for name in names.findall(text):
            if not (root / name).exists():
                yield f"names {name}, which is not there"
    targets = re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE)
    for named in COMMAND.findall(text):
        if named.split()[0] not in targets:
            yield f"names make {named.split()[0]}, which the Makefile does not know"


@cache
def _generated() -> dict[str, str]:
    from local import documents

    return documents.render()
