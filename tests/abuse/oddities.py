"""Odd values for every place of a request."""

from collections.abc import Mapping
from typing import Any

from tests.surfaces.bodies import ENDLESS_NUMBERS, MALFORMED, NO_OBJECT, OTHER_MEDIA_TYPES

CANARY = "c4n4ry-in-the-request"
"""Comes with many odd values, and back in none."""

METHODS = [
    *(b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"PROPFIND", b"QUERY"),
    *(b"CONNECT", b"BREW", b"get", b"PRI", b"P\xc3\x96ST", b"GET\x00", b"X" * 300),
]
ENDINGS = [b"/", b"/x", b"//", b"/.", b"/..", b"/../", b"/%2e%2e", b"/;x", b"/%00", b"/\\", b"/%", b"/%zz", b"/%ff"]
TAILS = [b"%2f", b"%00", b"%20", b".json", b";x=y", b"~", b"\\", b"%0d%0aX-Evil:%20x", b"%c0%af", b"\xff", b"#x", b"x"]
PLACES = [
    *(b"/", b"//evil.example", b"//evil.example/..", b"/\\evil.example", b"/%5cevil.example", b"/%2e%2e/api/iam/login"),
    *(b"/..", b"/../../etc/passwd", b"/%2e%2e%2f%2e%2e%2fetc/passwd", b"/api", b"/docs", b"/openapi.json", b"/admin"),
    *(b"/metrics", b"/debug", b"/.env", b"/.well-known/openid-configuration", b"/realms/master", b"/favicon.ico"),
    *(b"*", b"evil", b"http://evil.example/api/iam/login", b"https:/x", b"/\x00", b"/ x", b"/\xc3\xbc", b"?", b""),
    *(b"/api/iam/../iam/login", b"/api//iam/login", b"/userAccount//initAuth", b"/useraccount/initAuth", b"/saml"),
    *(b"/api/v1", b"/api/v1//auths", b"/api/v1/request-code/", b"/api/v1/request-code/a%2fb", b"/login/", b"/LOGIN"),
]
TEXTS = [
    *("", " ", "\0", "\r\nX-Evil: x", "\x1b[31m", "\x7f", "\u202e", "\u2028", "\ufeff", "\uffff", "\ud800", "\udfff"),
    *("👩‍👩‍👧", "ﷺ" * 60, "İ" * 100, "\u212a", "\uff41\uff44", "%00", "*", "(&(uid=*))", "' or '1'='1", "{{7*7}}"),
    *("../../x", "<script>", "null", "true", "-1", "1e999", "a@b.cd", "a@b.cd,c@d.ef", '"a b"@c.de', "@", "x" * 300),
    *("x" * 5000, "é" * 20000, "e30.e30.", "..", f"{'e30' * 3000}.e30.x", "00000000-0000-4000-8000-000000000000"),
]
THINGS: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 1 << 53, 1 << 63, 1e308, float("nan"), float("-inf")),
    *([], {}, [[]], {"": 0}),
]
FURTHER_MEMBERS = ["scope", "grant_type", "client_id", "__proto__", "admin", "totp", "userId", "", "\0", CANARY]
QUERIES = [b"", b"&&&", b"username=%ff", b"username=", b"%zz", b"email=a@b.cd&email=x", b"a=b&" * 200, b"email=\xff"]
BODIES = [
    *(*MALFORMED.values(), *NO_OBJECT.values(), *(b'{"email":%s}' % number for number in ENDLESS_NUMBERS)),
    *(b"", b"{}", b"\xef\xbb\xbf{}", b'{"user":' + b"[" * 3000 + b"]" * 3000 + b"}", b"%", b"=&=&==", b"a=%ff"),
    *(b"&".join(b"a%d=b" % number for number in range(500)), b'{"x":"' + b"y" * 66000 + b'"}', b" " * 65537),
]
MEDIA_TYPES = [
    *(each.encode() for each in OTHER_MEDIA_TYPES if each),
    *(b"", b"application/xml", b"application/json; charset=utf-16", b"APPLICATION/JSON", b"\xff", b"/", b";;;="),
]
HEADERS: Mapping[bytes, list[bytes]] = {
    b"authorization": [b"", b"Bearer", b"Bearer ", b"Basic eDp5", b"bearer e30.e30.e30", b"Bearer \xff.\xff.\xff"],
    b"x-forwarded-for": [b"", b"garbage", b"1.2.3", b"[::1", b"::1%eth0", b"203.0.113.9,", b"\xff", b"10.0.0.1" * 50],
    b"forwarded": [b"for=evil;host=evil.example;proto=https"],
    b"x-forwarded-host": [b"evil.example"],
    b"host": [b"", b"evil.example", b"[::1", b"127.0.0.1:99999999", b"\xff", b"a,b", b"127.0.0.1@evil.example"],
    b"content-encoding": [b"gzip", b"identity", b"br, gzip"],
    b"accept": [b"text/html", b"\xff", b"*/*;q=x"],
    b"origin": [b"https://evil.example", b"null"],
    b"cookie": [b"a=b; c", b"\xff=\xfe", b"KEYCLOAK_IDENTITY=x"],
    b"user-agent": [
        b"speakeasy-sdk/python 1.7.0 2.900.0 1.0.0 pipeshub-sdk",
        b"speakeasy-sdk/python 9999999.1 pipeshub-sdk",
    ],
    b"expect": [b"100-continue", b"something"],
    b"upgrade": [b"h2c", b"websocket"],
    b"connection": [b"close", b"upgrade", b"keep-alive, x"],
    b"range": [b"bytes=0-"],
    b"if-none-match": [b"*"],
    b"x-http-method-override": [b"DELETE"],
    b"x-original-url": [b"/admin"],
    b"x-org": [b"", b"\xff", b"../../x", b"*", b"x" * 3000],
    b"x-session-token": [b"", b"\xff", b"x" * 8000],
    b"te": [b"trailers"],
}
