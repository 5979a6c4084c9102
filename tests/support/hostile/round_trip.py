"""What a real browser makes of HTML: read and written once more, and put into a page that watches for scripts."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.hostile.chromium import Browser
from tests.support.timing.waiting import eventually

_PAGE = """<!doctype html><meta charset="utf-8"><body><div id="stage"></div><script>
const inputs = %s;
let ran = 0;
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => { ran++; };
window.open = () => { ran++; return null; };
const stage = document.getElementById("stage");
const parser = new DOMParser();
const written = inputs.map((input) => {
  stage.innerHTML = input;
  for (const node of stage.querySelectorAll("a, img, details, summary, td")) node.dispatchEvent(new Event("click"));
  return [parser.parseFromString(input, "text/html").body.innerHTML, stage.innerHTML];
});
stage.remove();
</script>"""


class RoundTrip(NamedTuple):
    """How many scripts ran, and each input as the browser writes it: as a page of its own, and as part of a page."""

    ran: int
    written: list[tuple[str, str]]


def through_chromium(browser: Browser, inputs: Sequence[str], *, until: str = "true") -> RoundTrip:
    """Let the browser read and write thousands of inputs in one page, and return once it does nothing more.

    `until` is a condition in the page that this waits for.
    """
    listed = json.dumps(list(inputs)).replace("<", "\\u003c")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "page.html"
        place.write_text(_PAGE % listed, encoding="utf-8")
        with browser.open(place.as_uri()) as page:
            eventually(lambda: page.evaluate(until))
            found = json.loads(page.evaluate("JSON.stringify({ran, written})"))
    return RoundTrip(found["ran"], [(one, other) for one, other in found["written"]])
