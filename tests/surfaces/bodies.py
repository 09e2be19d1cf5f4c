"""Bodies that no operation may take, whatever its document (security S31 to S33)."""

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
