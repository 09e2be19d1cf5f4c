import socket
import threading

import pytest


def _go_out(kind: socket.SocketKind = socket.SOCK_STREAM) -> None:
    with socket.socket(socket.AF_INET, kind) as going:
        going.settimeout(0.2)
        going.connect(("192.0.2.1", 9))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_test_does_not_get_out(kind: socket.SocketKind) -> None:
    with pytest.raises(ConnectionRefusedError, match="a test went out to 192"):
        _go_out(kind)


def test_nor_does_a_thread_of_it() -> None:
    caught: list[BaseException] = []

    def go() -> None:
        try:
            _go_out()
        except OSError as refused:
            caught.append(refused)

    going = threading.Thread(target=go)
    going.start()
    going.join()
    assert [str(each) for each in caught] == ["a test went out to 192.0.2.1"]
