"""Bodies that no operation may take, whatever its document (security S31 to S33)."""

import json
from collections.abc import Mapping

MALFORMED: Mapping[str, bytes] = {
    "blank": b" \r\n\t",
    "open": b'{"user":',
    "unclosed string": b'{"user":"x',
    "trailing text": b'{"user":"x","password":"y"} x',
    "two objects": b"{}{}",
    "trailing comma": b'{"user":"x",}',
    "single quotes": b"{'user':'x'}",
    "bare member": b'{user:"x"}',
    "comment": b'{/* */"user":"x"}',
    "form": b"user=x&password=y",
    "not UTF-8": b'{"user":"\xff\xfe"}',
    "overlong UTF-8": b'{"user":"\xc0\xaf"}',
    "surrogate in UTF-8": b'{"user":"\xed\xa0\x80"}',
    "lone surrogate escaped": b'{"user":"\\ud800"}',
    "UTF-16": '{"user":"x"}'.encode("utf-16"),
    "raw NUL": b'{"user":"\x00"}',
    "raw line feed": b'{"user":"\n"}',
    "NUL escaped": b'{"user":"\\u0000"}',
    "bad escape": b'{"user":"\\x41"}',
    "NaN": b'{"user":NaN}',
    "infinity": b'{"user":-Infinity}',
    "leading zero": b'{"user":01}',
    "deep list": b'{"user":' + b"[" * 30000,
    "deep object": b'{"user":' * 8000,
    "deep and closed": b"[" * 30000 + b"]" * 30000,
}
"""No JSON, or none that may be."""

BEHIND: Mapping[str, bytes] = {"trailing text": b" x", "two objects": b"{}", "trailing NUL": b"\x00"}
"""What may not follow an object."""

BESIDE: Mapping[str, bytes] = {
    "trailing comma": b",",
    "comment": b"/* */",
    "bare member": b',x:"x"',
    "not UTF-8": b',"x":"\xff\xfe"',
    "overlong UTF-8": b',"x":"\xc0\xaf"',
    "surrogate in UTF-8": b',"x":"\xed\xa0\x80"',
    "lone surrogate escaped": b',"x":"\\ud800"',
    "raw NUL": b',"x":"\x00"',
    "raw line feed": b',"x":"\n"',
    "NUL escaped": b',"x":"\\u0000"',
    "NUL in a name": b',"\\u0000":"x"',
    "bad escape": b',"x":"\\x41"',
    "NaN": b',"x":NaN',
    "infinity": b',"x":-Infinity',
    "leading zero": b',"x":01',
    "deep list": b',"x":' + b"[" * 30000 + b"]" * 30000,
}
"""What may not follow the members of an object."""

NO_OBJECT: Mapping[str, bytes] = {
    "list": b"[]",
    "list of pairs": b'[["user","x"]]',
    "string": b'"x"',
    "number": b"1",
    "null": b"null",
    "true": b"true",
}

WRONG_TYPES: Mapping[str, object] = {
    "number": 1,
    "float": 1.5,
    "bool": True,
    "list": ["x"],
    "object": {"x": "y"},
    "null": None,
}
"""What a string may not be."""

ENDLESS_NUMBERS = (b"9" * 5000, b"-" + b"9" * 5000, b"1e400", b"1" * 60000)

OTHER_MEDIA_TYPES = (
    None,
    "",
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/json, text/plain",
    "text/plain; application/json",
    "application/octet-stream",
)
"""None for no header at all."""


def spoiled(kind: str, body: Mapping[str, object]) -> bytes:
    """Write a body that would be taken, and what is malformed behind it or beside its members."""
    good = json.dumps(body).encode()
    return good + BEHIND[kind] if kind in BEHIND else good[:-1] + BESIDE[kind] + b"}"
