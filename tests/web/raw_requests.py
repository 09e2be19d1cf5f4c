"""HTTP requests written byte by byte: correct ones and faulty ones (security S36)."""

HOST = b"Host: 127.0.0.1\r\n"
JSON = b"Content-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BODY = b'{"name": "vase", "grams": 1}'
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)


def get(*headers: bytes, target: bytes = b"/parcels/7", version: bytes = b"HTTP/1.1") -> bytes:
    """Write a GET."""
    return b"GET " + target + b" " + version + b"\r\n" + b"".join(headers) + b"\r\n"


def post(*headers: bytes, body: bytes = b"", target: bytes = b"/parcels") -> bytes:
    """Write a POST to an operation that takes JSON."""
    return b"POST " + target + b" HTTP/1.1\r\n" + b"".join((HOST, JSON, *headers)) + b"\r\n" + body


def length(size: int | str) -> bytes:
    """Write a `Content-Length`."""
    return f"Content-Length: {size}\r\n".encode()


# Requests by what is special about them; each ends its connection.
TAKEN = {
    "plain": get(HOST, CLOSE),
    "HTTP/1.0": get(HOST, version=b"HTTP/1.0"),
    "absolute form": get(HOST, CLOSE, target=b"http://127.0.0.1/parcels/7"),
    "blank lines first": b"\r\n\r\n" + get(HOST, CLOSE),
    "a hundred headers": get(HOST, CLOSE, *[b"X-A: b\r\n"] * 98),
    "URL of 8,191 bytes": get(HOST, CLOSE, target=b"/parcels/7?" + b"a" * (8191 - 11)),
    "30 KB of headers": get(HOST, CLOSE, *[b"X-A: " + b"b" * 3000 + b"\r\n"] * 10),
    "a body where none is expected": get(HOST, CLOSE, length(5)) + b"hello",
    "a length": post(CLOSE, length(len(BODY)), body=BODY),
    "chunks": post(CLOSE, CHUNKED, body=CHUNKS),
    "one-byte chunks": post(CLOSE, CHUNKED, body=b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"),
    "chunk extensions": post(CLOSE, CHUNKED, body=b"%x;a=b\r\n%s\r\n0;c\r\n\r\n" % (len(BODY), BODY)),
    "trailers": post(CLOSE, CHUNKED, body=CHUNKS[:-2] + b"X-A: b\r\n\r\n"),
    "Expect": post(CLOSE, b"Expect: 100-continue\r\n", length(len(BODY)), body=BODY),
    "another protocol wished for": get(HOST, b"Connection: Upgrade, close\r\nUpgrade: websocket\r\n"),
}

# What is wrong → the status it is refused with, and the request.
REFUSED = {
    "no Host": (400, get()),
    "no Host in HTTP/1.0": (400, get(version=b"HTTP/1.0")),
    "two Hosts": (400, get(HOST, HOST)),
    "two Hosts that differ": (400, get(HOST, b"Host: evil.example\r\n")),
    "absolute form for another host": (400, get(HOST, target=b"http://evil.example/parcels/7")),
    "both framings": (400, post(CHUNKED, length(len(BODY)), body=CHUNKS)),
    "both framings, length first": (400, post(length(len(BODY)), CHUNKED, body=CHUNKS)),
    "two lengths": (400, post(length(len(BODY)), length(3), body=BODY)),
    "twice the same length": (400, post(length(len(BODY)), length(len(BODY)), body=BODY)),
    "a list of lengths": (400, post(length("3, 3"), body=BODY)),
    "a length with a sign": (400, post(length("+3"), body=BODY)),
    "a negative length": (400, post(length("-1"), body=BODY)),
    "a hexadecimal length": (400, post(length("0x10"), body=BODY)),
    "a length over 64 bits": (400, post(length("9" * 30), body=BODY)),
    "chunked not last": (400, post(b"Transfer-Encoding: chunked, gzip\r\n", body=CHUNKS)),
    "an unknown coding": (400, post(b"Transfer-Encoding: xchunked\r\n", body=CHUNKS)),
    "identity": (400, post(b"Transfer-Encoding: identity\r\n", body=BODY)),
    "chunked by a tab": (400, post(b"Transfer-Encoding:\x0bchunked\r\n", body=CHUNKS)),
    "a space before the colon": (400, post(b"Transfer-Encoding : chunked\r\n", body=CHUNKS)),
    "a chunk size that is none": (400, post(CHUNKED, body=b"zz\r\n")),
    "a chunk size over 64 bits": (400, post(CHUNKED, body=b"f" * 17 + b"\r\n")),
    "a chunk size with a sign": (400, post(CHUNKED, body=b"-1\r\n")),
    "chunks with bare LF": (400, post(CHUNKED, body=CHUNKS.replace(b"\r\n", b"\n"))),
    "another protocol with a body": (501, post(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", length(5), body=b"hello")),
    "another protocol with chunks": (501, post(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", CHUNKED, body=CHUNKS)),
    "bare LF": (400, get(HOST).replace(b"\r\n", b"\n")),
    "one bare LF": (400, get(HOST, b"X-A: b\n", b"X-C: d\r\n")),
    "bare CR": (400, get(HOST, b"X-A: b\rX-C: d\r\n")),
    "a folded header": (400, get(HOST, b"X-A: b\r\n c\r\n")),
    "a header before the first": (400, get(b" X-A: b\r\n", HOST)),
    "NUL in a header": (400, get(HOST, b"X-A: b\0c\r\n")),
    "a space in a header's name": (400, get(HOST, b"X A: b\r\n")),
    "a header without a name": (400, get(HOST, b": b\r\n")),
    "a header without a colon": (400, get(HOST, b"X-A\r\n")),
    "HTTP/0.9": (400, b"GET /parcels/7\r\n\r\n"),
    "HTTP/1.2": (400, get(HOST, version=b"HTTP/1.2")),
    "HTTP/2's preface": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "no version": (400, b"GET /parcels/7 \r\n" + HOST + b"\r\n"),
    "an unknown method": (400, get(HOST).replace(b"GET", b"BREW")),
    "a method in small letters": (400, get(HOST).replace(b"GET", b"get")),
    "CONNECT": (400, b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a target without a slash": (400, get(HOST, target=b"parcels/7")),
    "a space in the target": (400, get(HOST, target=b"/parcels/7 8")),
    "a target that is not ASCII": (400, get(HOST, target="/parcels/ü".encode())),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)),
    "URL of 9,000 bytes": (414, get(HOST, target=b"/parcels/" + b"a" * 9000)),
    "101 headers": (431, get(HOST, *[b"X-A: b\r\n"] * 100)),
    "33 KB of headers": (431, get(HOST, *[b"X-A: " + b"b" * 3000 + b"\r\n"] * 11)),
}

# What never ends → the status it is refused with, and its beginning.
ENDLESS = {
    "URL": (414, b"GET /parcels/"),
    "header": (431, b"GET /parcels/7 HTTP/1.1\r\n" + HOST + b"X-A: "),
    "header's name": (431, b"GET /parcels/7 HTTP/1.1\r\n" + HOST + b"X-"),
    "trailer": (431, post(CHUNKED, body=CHUNKS[:-2] + b"X-A: ")),
    "chunk extension": (431, post(CHUNKED, body=b"5;")),
}
