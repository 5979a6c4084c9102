"""What a real browser makes of HTML: read and written once more, and put into a page that watches for scripts."""

import html
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.chromium import dump_dom

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
// After a moment, in which the handlers of loads and errors would have run.
setTimeout(() => {
  const out = document.createElement("pre");
  const shown = JSON.stringify({ ran, written }).replace(
    /[^ -~]|[<>&]/g, (sign) => "\\\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0"));
  out.id = "out";
  out.textContent = shown;
  document.body.replaceChildren(out);
}, 200);
</script>"""


class RoundTrip(NamedTuple):
    """How many scripts ran, and each input as the browser writes it: of a page of its own, and of a part of one."""

    ran: int
    written: list[tuple[str, str]]


def through_chromium(inputs: Sequence[str]) -> RoundTrip:
    """Let the browser read and write thousands of inputs in one page."""
    listed = json.dumps(list(inputs)).replace("<", "\\u003c")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(_PAGE % listed, encoding="utf-8")
        dom = dump_dom(page.as_uri(), patience_ms=20_000)
    text = dom.partition('<pre id="out">')[2].partition("</pre>")[0]
    found = json.loads(html.unescape(text))
    return RoundTrip(found["ran"], [(one, other) for one, other in found["written"]])
