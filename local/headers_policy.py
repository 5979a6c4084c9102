"""Reads the headers that a CloudFront response headers policy adds to every answer.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
"""

from collections.abc import Mapping
from typing import Any


def headers_of(policy: Mapping[str, Any]) -> dict[str, str]:
    """Return the policy's headers by name, those that it names itself and the security headers that it describes."""
    security = policy.get("SecurityHeadersConfig", {})
    headers = {name: _MAKES[kind](given) for kind, given in security.items() for name in (_NAMES[kind],)}
    custom = policy.get("CustomHeadersConfig", {}).get("Items", ())
    return headers | {item["Header"]: item["Value"] for item in custom}


def _transport(given: Mapping[str, Any]) -> str:
    below = "; includeSubDomains" if given.get("IncludeSubdomains") else ""
    return f"max-age={given['AccessControlMaxAgeSec']}{below}"


def _tidy(policy: str) -> str:
    """Return the policy without the spaces that an empty parameter leaves."""
    return "; ".join(" ".join(directive.split()) for directive in policy.split(";"))


_NAMES = {
    "ContentSecurityPolicy": "Content-Security-Policy",
    "ContentTypeOptions": "X-Content-Type-Options",
    "FrameOptions": "X-Frame-Options",
    "ReferrerPolicy": "Referrer-Policy",
    "StrictTransportSecurity": "Strict-Transport-Security",
}
_MAKES = {
    "ContentSecurityPolicy": lambda given: _tidy(given["ContentSecurityPolicy"]),
    "ContentTypeOptions": lambda _given: "nosniff",
    "FrameOptions": lambda given: str(given["FrameOption"]),
    "ReferrerPolicy": lambda given: str(given["ReferrerPolicy"]),
    "StrictTransportSecurity": _transport,
}
