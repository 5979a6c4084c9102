"""What template.yaml makes of the console: its bucket, the one address of console and API, and the page's policy."""

import json
import subprocess
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.support.gates.rules import Sentences, differences, rule
from tests.support.gates.template_file import functions, of, resources

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""Policies that AWS manages, by the ids that it publishes."""

POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'"],
    "media-src": ["'self'", "blob:"],
    "frame-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
"""What the page may load; where it may connect to depends on the deployment."""

_REALTIME = {"Fn::Sub": "wss://${RealtimeApi}.execute-api.${AWS::Region}.amazonaws.com"}
_POOL = "https://cognito-idp.${AWS::Region}.amazonaws.com https://${UserPoolDomain}.auth.${AWS::Region}.amazoncognito.com"


@rule
def test_the_consoles_files_are_read_by_its_distribution_alone_and_over_tls() -> Sentences:
    """Anybody else's distribution, or a bucket that lists itself, would be a second way to the files."""
    ours = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${ConsoleDistribution}"
    wanted = [
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [{"Fn::GetAtt": ["ConsoleBucket", "Arn"]}, {"Fn::Sub": "${ConsoleBucket.Arn}/*"}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "ThisDistributionReads",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": {"Fn::Sub": "${ConsoleBucket.Arn}/*"},
            "Condition": {"StringEquals": {"AWS:SourceArn": {"Fn::Sub": ours}}},
        },
    ]
    document = {"Version": "2012-10-17", "Statement": wanted}
    said = {"Bucket": {"Ref": "ConsoleBucket"}, "PolicyDocument": document}
    yield from differences("ConsoleBucketPolicy", of("S3::BucketPolicy").get("ConsoleBucketPolicy"), said)
    access = resources()["ConsoleAccess"]["Properties"]["OriginAccessControlConfig"]
    for name, value in {"OriginAccessControlOriginType": "s3", "SigningBehavior": "always"}.items():
        yield from differences(f"ConsoleAccess.{name}", access.get(name), value)


@rule
def test_the_consoles_bucket_has_nothing_but_files_that_a_deployment_makes_again() -> Sentences:
    """No versions and no key of ours: everything in it is public, and `make deploy` uploads it again."""
    by_s3 = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    found = dict(of("S3::Bucket").get("ConsoleBucket", {}))
    encryption = {"ServerSideEncryptionConfiguration": by_s3}
    yield from differences("ConsoleBucket.BucketEncryption", found.pop("BucketEncryption", None), encryption)
    for each in sorted(set(found) - {"PublicAccessBlockConfiguration", "OwnershipControls"}):
        yield f"ConsoleBucket has {each}, which no test looks at"


@rule
def test_the_page_loads_scripts_styles_and_frames_from_its_own_address_alone() -> Sentences:
    """One word such as 'unsafe-inline' here, and a customer's text that slips into a page runs."""
    directives = _content_security_policy()
    connect = [each for each in directives if isinstance(each, dict)]
    written = dict(each.split(" ", 1) for each in directives if isinstance(each, str))
    yield from differences("policy", {name: value.split() for name, value in written.items()}, POLICY)
    sign_in = {"Fn::If": ["HasUserPool", {"Fn::Sub": _POOL}, {"Ref": "SignInOrigins"}]}
    wanted = {"Fn::Join": [" ", ["connect-src 'self'", _REALTIME, sign_in]]}
    yield from differences("connect-src", connect, [wanted])


@rule
def test_the_consoles_headers_keep_it_out_of_frames_and_say_nothing_about_where_one_was() -> Sentences:
    config = resources()["ConsoleHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    found = {key: value for key, value in config["SecurityHeadersConfig"].items() if "Policy" not in key}
    wanted = {
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"FrameOption": "DENY", "Override": True},
        "StrictTransportSecurity": {
            "AccessControlMaxAgeSec": 31536000,
            "IncludeSubdomains": True,
            "Override": True,
        },
    }
    yield from differences("SecurityHeaders", found, wanted)
    referrer = config["SecurityHeadersConfig"].get("ReferrerPolicy")
    yield from differences("Referrer", referrer, {"ReferrerPolicy": "no-referrer", "Override": True})
    custom = {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]}
    permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    said = {"Permissions-Policy": permissions, "Cross-Origin-Resource-Policy": "same-origin"}
    yield from differences("CustomHeaders", custom, said)


@rule
def test_every_route_of_the_api_is_reached_at_the_consoles_address() -> Sentences:
    """A route beside these patterns would be answered with the console's page, by 200."""
    patterns = [each["PathPattern"] for each in _distribution()["CacheBehaviors"]]
    for each in functions():
        for route in each.routes if each.kind in ("endpoint", "webhook") else ():
            if not any(fnmatchcase(route.path, pattern) for pattern in patterns):
                yield f"{route.path} of {each.logical_id} matches none of {patterns}"


@rule
def test_no_answer_of_the_api_is_kept_and_none_has_the_pages_headers() -> Sentences:
    """A kept answer would be one organization's, given to the next. A message's display has a policy of its own."""
    wanted = {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "https-only",
        "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        "Compress": True,
        "CachePolicyId": CACHING_DISABLED,
        "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST_HEADER,
    }
    for each in _distribution()["CacheBehaviors"]:
        yield from differences(each["PathPattern"], each, {"PathPattern": each["PathPattern"], **wanted})


@rule
def test_everything_else_is_the_console_with_its_headers_over_tls() -> Sentences:
    found = _distribution()
    function = {"Fn::GetAtt": ["ConsolePaths", "FunctionMetadata.FunctionARN"]}
    wanted = {
        "TargetOriginId": "console",
        "ViewerProtocolPolicy": "redirect-to-https",
        "Compress": True,
        "CachePolicyId": CACHING_OPTIMIZED,
        "ResponseHeadersPolicyId": {"Ref": "ConsoleHeaders"},
        "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": function}],
    }
    yield from differences("DefaultCacheBehavior", found["DefaultCacheBehavior"], wanted)
    origins = {each["Id"]: each for each in found["Origins"]}
    bucket = {
        "Id": "console",
        "DomainName": {"Fn::GetAtt": ["ConsoleBucket", "RegionalDomainName"]},
        "OriginAccessControlId": {"Ref": "ConsoleAccess"},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    api = {
        "Id": "api",
        "DomainName": {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.amazonaws.com"},
        "CustomOriginConfig": {
            "OriginProtocolPolicy": "https-only",
            "OriginSSLProtocols": ["TLSv1.2"],
            "OriginReadTimeout": 30,
        },
    }
    yield from differences("Origins", origins, {"console": bucket, "api": api})


@rule
def test_a_domain_of_ones_own_is_the_host_of_the_consoles_origin() -> Sentences:
    """Without a certificate the address is CloudFront's own; with one, no other name is answered."""
    found = _distribution()
    host = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "ConsoleOrigin"}]}]}
    aliases = {"Fn::If": ["HasConsoleDomain", [host], {"Ref": "AWS::NoValue"}]}
    yield from differences("Aliases", found.get("Aliases"), aliases)
    own = {
        "AcmCertificateArn": {"Ref": "ConsoleCertificateArn"},
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    certificate = {"Fn::If": ["HasConsoleDomain", own, {"CloudFrontDefaultCertificate": True}]}
    yield from differences("ViewerCertificate", found.get("ViewerCertificate"), certificate)


@rule
def test_the_distribution_has_no_setting_that_nobody_reviewed() -> Sentences:
    known = {
        *("Aliases", "CacheBehaviors", "Comment", "DefaultCacheBehavior", "DefaultRootObject"),
        *("Enabled", "HttpVersion", "IPV6Enabled", "Origins", "ViewerCertificate"),
    }
    for each in sorted(set(_distribution()) ^ known):
        yield f"the distribution {'has' if each not in known else 'lacks'} {each}"


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("/", "/index.html"),
        ("/settings/team", "/index.html"),
        ("/operations/audit-log/", "/index.html"),
        ("/v1.2/settings", "/index.html"),
        ("/config.json", "/config.json"),
        ("/favicon.svg", "/favicon.svg"),
        ("/assets/index-Ab3.js", "/assets/index-Ab3.js"),
        ("/assets/gone-Ab3.js", "/assets/gone-Ab3.js"),
    ],
)
def test_a_path_of_the_console_is_its_page_and_a_file_is_itself(asked: str, read: str) -> None:
    """A file that is gone is not the page: a browser would run HTML as a script. Node.js runs the code."""
    from local.console import node

    code = resources()["ConsolePaths"]["Properties"]["FunctionCode"]
    call = f"console.log(handler({json.dumps({'request': {'uri': asked}})}).uri)"
    done = subprocess.run(
        node.evaluation(f"{code}\n{call}"), capture_output=True, text=True, check=True, timeout=600
    )

    assert done.stdout.strip() == read


def _distribution() -> dict[str, Any]:
    found: dict[str, Any] = resources()["ConsoleDistribution"]["Properties"]["DistributionConfig"]
    return found


def _content_security_policy() -> list[Any]:
    config = resources()["ConsoleHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = config["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    separator, directives = policy["Fn::Join"]
    assert separator == "; "
    found: list[Any] = directives
    return found
