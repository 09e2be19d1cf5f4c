"""The headers that every answer carries, whoever gives it (security S38)."""

Headers = tuple[tuple[bytes, bytes], ...]

_ALWAYS: Headers = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def safety_headers(*, https: bool) -> Headers:
    """Return them.

    Args:
        https: whether `public_url` is https, so that browsers may be told to stay with it.
    """
    return (*_ALWAYS, _STRICT_TRANSPORT) if https else _ALWAYS
