"""TLS before a server that has none, as a terminating proxy gives it; plain text passes too, for Sentinels' sake."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_TLS_HANDSHAKE = b"\x16"


def write_certificate(folder: Path, address: str = "127.0.0.1") -> Path:
    """Write a certificate for an address, its own authority, and its key beside it; return the certificate's path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis")])
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - certificates are judged by the machine's clock
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return folder / "certificate.pem"


@asynccontextmanager
async def tls_before(port: int, certificate: Path, *, listen_on: int = 0) -> AsyncIterator[int]:
    """Listen for TLS, and tell the port.

    Args:
        port: of the server behind.
        certificate: to show; its key lies beside it.
        listen_on: port to listen on; 0 takes a free one.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with socket.create_server(("127.0.0.1", listen_on)) as listener:
        listener.settimeout(0)
        async with asyncio.TaskGroup() as connections:
            accepting = connections.create_task(_accept(listener, port, context, connections))
            try:
                yield listener.getsockname()[1]
            finally:
                accepting.cancel()


async def _accept(listener: socket.socket, port: int, context: ssl.SSLContext, connections: asyncio.TaskGroup) -> None:
    loop = asyncio.get_running_loop()
    while True:
        connection, _ = await loop.sock_accept(listener)
        connections.create_task(_pass_on(connection, port, context))


async def _pass_on(connection: socket.socket, port: int, context: ssl.SSLContext) -> None:
    loop = asyncio.get_running_loop()
    first = await _peeked(connection)
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    try:
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, connection, ssl=context if first == _TLS_HANDSHAKE else None
        )
    except OSError:  # the client does not like the certificate
        connection.close()
        return
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_pump(reader, behind_writer), _pump(behind_reader, writer))


async def _peeked(connection: socket.socket) -> bytes:
    while True:
        try:
            return connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            await asyncio.sleep(0.001)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except OSError:
        pass
    finally:
        writer.close()
