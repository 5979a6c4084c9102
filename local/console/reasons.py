"""Says in one sentence why npm or Vite failed, from what they wrote."""

import re

from local import install

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CODE = re.compile(r"^npm error code (\S+)", re.MULTILINE)
_NO_CONNECTION = {
    *("ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ENOTFOUND", "ETIMEDOUT"),
    *("ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT"),
}
_CODES = {
    "EINTEGRITY": "a package is not the one that package-lock.json names, by its hash",
    "EUSAGE": "package.json and package-lock.json differ; run `make lock`",
    "ENOSPC": "the disk is full; make room and start again",
    "E404": "the package registry does not have a package that package-lock.json names",
}
_FIRST_ERROR = re.compile(r"Build failed with \d+ errors?:\s+(?:Error: )?(?:\[[^\]]+\]:?\s*)?(.+)")
_PLACE = re.compile(r"╭─\[ (\S+:\d+:\d+) \]")


def reason(output: str) -> str:
    """Return the reason, with the place in the sources if there is one."""
    text = _COLOUR.sub("", output)
    code, error = _CODE.search(text), _FIRST_ERROR.search(text)
    if code and code[1] in _NO_CONNECTION:
        return (
            "there is no connection to the package registry, and the console's packages are not installed yet"
        )
    if code and code[1] in _CODES:
        return _CODES[code[1]]
    if error is None:
        return install.reason(text)
    place = _PLACE.search(text, error.end())
    return f"{place[1]}: {error[1].strip()}" if place else error[1].strip()
