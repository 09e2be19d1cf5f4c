"""Small HTTP servers in threads of their own, since those whom they serve may be processes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Speaker:
    """What speaks HTTP for a test: connections are kept open, and nothing is logged."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # With the library's 5 a crowd loses its first packets, and comes again a second later.
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Say nothing of those who hang up."""


@contextmanager
def listening_as(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run one; its address is what comes."""
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
