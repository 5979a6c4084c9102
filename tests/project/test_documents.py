"""Generated files are trusted because they are checked, not because somebody remembered to run the generator."""

import re

import pytest

from banxway.services.diagnosis.catalogue import CAUSES
from local import documents, openapi
from local.function_files import KINDS, ROOT
from local.stale import is_fresh
from tests.support.tree import PACKAGE

GENERATED = documents.render()


@pytest.mark.parametrize("page", GENERATED)
def test_a_generated_page_is_fresh(page: str) -> None:
    """An undocumented function, error, setting or permission fails here. Remedy: make documents."""
    assert is_fresh(ROOT / page, GENERATED[page])


def test_openapi_json_is_fresh() -> None:
    """Clients are generated from it. Remedy: make openapi."""
    assert is_fresh(ROOT / openapi.TARGET, openapi.render())


def test_generating_twice_gives_the_same_text() -> None:
    """Otherwise freshness would depend on luck."""
    assert openapi.render() == openapi.render()
    assert documents.render() == GENERATED


@pytest.mark.parametrize(
    "page", ["glossary.md", "adding-a-function.md", "adding-a-provider.md", *(name[5:] for name in GENERATED)]
)
def test_a_page_points_only_to_what_exists(page: str) -> None:
    """A broken link in a guide stops whoever follows it."""
    text = (ROOT / "docs" / page).read_text()
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    named = re.findall(r"`((?:docs|events|functions|layers|local|tests)/[\w./-]+)`", text)

    missing = [target for target in targets if not (ROOT / "docs" / target).resolve().exists()]
    missing += [name for name in named if not (ROOT / name).exists()]

    assert not missing, "\n".join(missing)


def test_a_remedy_names_only_functions_that_exist() -> None:
    """Whoever looks for a function in trouble must find it."""
    areas = "|".join(folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir())
    fixes = " ".join(cause.fix for cause in CAUSES.values())
    named = re.findall(rf"(?<![/\w])((?:{areas})/[a-z_]+)\b(?!/)", fixes)

    assert len(named) >= 5
    assert [name for name in named if not (ROOT / "functions" / name / "app.py").exists()] == []


def test_the_example_function_is_a_real_one() -> None:
    """An example that is copied must be one that works."""
    page = (ROOT / "docs/adding-a-function.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)

    assert example == (ROOT / "functions/threads/get/app.py").read_text()


def test_the_guide_shows_every_kind_of_function() -> None:
    """A kind that the guide leaves out is one that nobody chooses."""
    page = (ROOT / "docs/adding-a-function.md").read_text()

    assert [kind for kind in KINDS if f"`@{kind}" not in page] == []


def test_the_guide_names_every_capability() -> None:
    """The list in the guide is the list in providers/base.py."""
    page = (ROOT / "docs/adding-a-provider.md").read_text()
    base = (PACKAGE / "providers" / "base.py").read_text()
    drawn = re.findall(r"^    ([A-Z]\w+) +\w+", base.split('"""')[1], re.MULTILINE)

    assert drawn
    assert [name for name in drawn if f"`{name}`" not in page] == []
