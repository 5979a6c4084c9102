"""The console in Chromium: until something is painted, and until a form that is saved has its answer.

The product is the whole local one, with everything on this machine; no network is slowed down. The baseline of a
visit is the browser's first paint of a bare answer of the same gateway; that of a form is its request alone.
"""

import tempfile
from pathlib import Path
from typing import Any

from measuring import report, turns

from local.console.__main__ import main as console
from tests.support.browser.browsers import running_browser
from tests.support.browser.screen import Screen
from tests.support.running.runner import start_runner

ROUNDS = 12
SAVED = "The organization is renamed."
BARE, FIRST, AGAIN = (
    "a bare answer",
    "the sign-in page, first visit",
    "the same, files in the browser's cache",
)
REQUEST, FORM = "the request alone", "a form saved, until its answer is shown"

_PAINTED = """() => new Promise(done => {
  const observer = new PerformanceObserver(list => {
    const paint = list.getEntriesByName('first-contentful-paint')[0];
    if (paint) done(paint.startTime / 1000);
  });
  observer.observe({type: 'paint', buffered: true});
})"""
_SAVE = """text => new Promise(done => {
  const began = performance.now();
  const observer = new MutationObserver(() => {
    if (!document.body.textContent.includes(text)) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const took = performance.now() - began;
      const request = performance.getEntriesByType('resource').find(each => each.startTime >= began);
      done([took / 1000, request.duration / 1000]);
    });
  });
  observer.observe(document.body, {subtree: true, childList: true, characterData: true});
  document.querySelector('form button[type=submit]').click();
})"""


def painted(screen: Screen, path: str) -> float:
    """Return the seconds from the beginning of a visit to the first paint of something to read."""
    screen.page.goto(path)
    found: float = screen.page.evaluate(_PAINTED)
    return found


def measure_visits(browser: Any, url: str) -> None:
    figures: dict[str, list[float]] = {name: [] for name in (BARE, FIRST, AGAIN)}
    returning = Screen(browser, url)
    painted(returning, "/sign-in")
    for name in turns(list(figures), rounds=ROUNDS):
        screen = returning if name == AGAIN else Screen(browser, url)
        figures[name].append(painted(screen, "/config.json" if name == BARE else "/sign-in"))
        if screen is not returning:
            screen.close()
    returning.close()
    report("First paint", figures, baselines={FIRST: [BARE], AGAIN: [BARE]})


def measure_form(browser: Any, url: str) -> None:
    figures: dict[str, list[float]] = {REQUEST: [], FORM: []}
    screen = Screen(browser, url)
    screen.sign_in("admin@banxway.local")
    for number in range(ROUNDS + 1):
        screen.page.reload()
        screen.open("/settings/organization")
        screen.page.get_by_label("Name", exact=True).fill(f"Banxway Demo {number}")
        took, request = screen.page.evaluate(_SAVE, SAVED)
        if number:  # the first call of a function starts it
            figures[FORM].append(took)
            figures[REQUEST].append(request)
    screen.close()
    report("A form", figures, baselines={FORM: [REQUEST]})


def main() -> None:
    if console(["build", "--mode", "demo"]):
        raise SystemExit(1)
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        state = Path(folder) / "state"
        with start_runner(state, timers=False, console=True) as runner:
            measure_visits(browser, runner.url)
            measure_form(browser, runner.url)


if __name__ == "__main__":
    main()
