"""Generated files are trusted because they are checked, not because somebody remembered to run the generator."""

import re
from functools import cache

from tests.support.rules import Sentences, rule, text_of
from tests.support.tree import PACKAGE, ROOT

WRITTEN_BY_HAND = ("docs/glossary.md", "docs/adding-a-function.md", "docs/adding-a-provider.md")


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
    from local import openapi
    from local.stale import is_fresh

    if not is_fresh(ROOT / openapi.TARGET, openapi.render()):
        yield f"{openapi.TARGET} is stale: run make openapi"


@rule
def test_generating_twice_gives_the_same_text() -> Sentences:
    """Otherwise freshness would depend on luck."""
    from local import documents, openapi

    if openapi.render() != openapi.render():
        yield "openapi.json comes out otherwise each time"
    again = documents.render()
    for page, text in _generated().items():
        if again.get(page) != text:
            yield f"{page} comes out otherwise each time"


@rule
def test_a_page_points_only_to_what_exists() -> Sentences:
    """A broken link in a guide stops whoever follows it."""
    for page in (*WRITTEN_BY_HAND, *_generated()):
        text = text_of(ROOT / page)
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
            if not (ROOT / "docs" / target).resolve().exists():
                yield f"{page} links to {target}, which is not there"
        for name in re.findall(r"`((?:docs|events|functions|layers|local|tests)/[\w./-]+)`", text):
            if not (ROOT / name).exists():
                yield f"{page} names {name}, which is not there"


@rule
def test_a_remedy_names_only_functions_that_exist() -> Sentences:
    """Whoever looks for a function in trouble must find it."""
    from banxway.services.diagnosis.catalogue import CAUSES

    areas = "|".join(folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir())
    fixes = " ".join(cause.fix for cause in CAUSES.values())
    named = re.findall(rf"(?<![/\w])((?:{areas})/[a-z_]+)\b(?!/)", fixes)
    if len(named) < 5:
        yield f"only {named} are named by remedies: this test looks in the wrong place"
    for name in named:
        if not (ROOT / "functions" / name / "app.py").is_file():
            yield f"a remedy names functions/{name}, which is not there"


@rule
def test_the_example_function_is_a_real_one() -> Sentences:
    """An example that is copied must be one that works."""
    examples = re.findall(r"```python\n(.*?)```", text_of(ROOT / "docs/adding-a-function.md"), re.DOTALL)
    if examples != [text_of(ROOT / "functions/threads/get/app.py")]:
        yield "docs/adding-a-function.md should show functions/threads/get/app.py as it is, and no other Python"


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


@cache
def _generated() -> dict[str, str]:
    from local import documents

    return documents.render()
