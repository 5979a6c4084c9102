"""HTML and texts of any length that are tedious to show as a page."""

from collections.abc import Callable

HTML: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda size: "<p>x" * (size // 4),
    "rows": lambda size: "<table><tr><td>x" * (size // 16),
    "tags": lambda size: "<b>x</b>" * (size // 8),
    "links": lambda size: "<a href=https://x.example>z" * (size // 27),
    "more depth": lambda size: "<div>" * (size // 5),
    "depth": lambda size: "<div>" * 2900 + "<div class=gmail_quote>" * 10 + "x" * (size - 15_000),
    "quotes": lambda size: "<p>a</p>" + "<div class=gmail_quote>x</div>" * (size // 30),
    "style": lambda size: "<p style='" + "color:red;" * (size // 10) + "'>x",
    "folds": lambda size: "<details><summary>" * (size // 18),
}

TEXTS: dict[str, Callable[[int], str]] = {
    "signs": lambda size: "<" * size,
    "links": lambda size: "https://a.example/c " * (size // 20),
    "http": lambda size: "http" * (size // 4),
}
