"""The fetcher: what it refuses without a packet, and what it does with a server's tricks."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.utils import timezone

from mcp_server.errors import Refused
from media_tools import connections
from media_tools.addresses import is_public
from media_tools.connections import Network
from media_tools.fetching import AT_ONCE, _slots, fetch

from .addresses import ANSWERS, HOSTS, PUBLIC, URLS
from .servers import Handler, Names, listener, outside, reaching, was_touched

LIMIT = 1_000_000


def _file(handler: Handler) -> None:
    handler.send(b"the file")


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every attempt to open a connection; none goes through."""
    tried: list[Any] = []

    def connect(self: Any, host: str, port: int, **_: Any) -> Any:
        tried.append((host, port))
        raise AssertionError(f"a connection to {host} port {port} was attempted")

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", connect)
    return tried


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_hosts_that_are_not_public(scheme: str, host: str, no_sockets: list[Any]) -> None:
    with pytest.raises(Refused):
        fetch(f"{scheme}://{host}/a.png", LIMIT)
    assert no_sockets == []


@pytest.mark.parametrize("url", URLS)
def test_addresses_that_are_not_fetched(url: str, no_sockets: list[Any]) -> None:
    asked = Names([["93.184.215.14"]])
    with pytest.raises(Refused) as refusal:
        fetch(url, LIMIT, network=Network(resolve=asked))
    assert no_sockets == []
    assert str(refusal.value).startswith("url: ")


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_names_that_lead_inside(answer: list[str], no_sockets: list[Any]) -> None:
    with pytest.raises(Refused, match="not on the public internet"):
        fetch("http://example.org/a.png", LIMIT, network=Network(resolve=Names([answer])))
    assert no_sockets == []


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_no_packet_reaches_a_local_listener(settings: Any) -> None:
    with listener() as sock:
        port = sock.getsockname()[1]
        settings.MCP_SERVER = {"FETCH_PORTS": [80, 443, port]}
        for host in HOSTS:
            with pytest.raises(Refused):
                fetch(f"http://{host}:{port}/", LIMIT)
        assert not was_touched(sock)
        # The control: the listener would have shown it.
        network = Network(allowed=lambda address: True)
        with pytest.raises(Refused, match="longer than"):
            fetch(f"http://127.0.0.1:{port}/", LIMIT, network=network, seconds=0.2)
        assert was_touched(sock)


def test_a_file_comes_with_its_name_and_without_ours() -> None:
    with outside(_file) as server:
        names = Names()
        found = fetch(
            f"http://pictures.example:{server.port}/a%20b/leaf.png?x=1#y",
            LIMIT,
            network=reaching(server, names=names),
        )
    assert (found.content, found.filename) == (b"the file", "leaf.png")
    path, headers = server.requests[0]
    assert path == "/a%20b/leaf.png?x=1"
    assert headers["Host"] == f"pictures.example:{server.port}"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


def test_a_name_is_asked_for_once() -> None:
    """A name server that changes its mind between the check and the connection."""
    with outside(_file) as server:
        names = Names([["127.0.0.1"], ["10.0.0.1"]])
        fetch(f"http://a.example:{server.port}/", LIMIT, network=reaching(server, names=names))
    assert names.asked == ["a.example"]


def test_each_redirect_is_checked_again() -> None:
    with listener() as sock, outside(_file) as server:
        port = sock.getsockname()[1]
        for target in (
            f"http://127.0.0.1:{port}/", "http://10.0.0.1/", "ftp://a.example/", "file:///etc/x",
            f"http://user@a.example:{server.port}/", "http://a.example:22/", "//[::1]/", "http://[",
        ):  # fmt: skip
            server.answer = lambda handler, to=target: handler.send(b"", 302, Location=to)  # type: ignore[misc]  # the default binds the loop's value
            network = reaching(server, names=Names([["127.0.0.1"], ["10.0.0.1"]]))
            with pytest.raises(Refused, match=r"^url: "):
                fetch(f"http://a.example:{server.port}/", LIMIT, network=network)
        assert not was_touched(sock)


def test_three_redirects_and_no_cookies() -> None:
    def on(handler: Handler) -> None:
        step = int(handler.path.strip("/") or 0)
        if step == last:
            handler.send(b"there")
        else:
            handler.send(b"", 307, Location=f"/{step + 1}", Set_Cookie="s=1; Path=/")

    with outside(on) as server:
        last = 3
        url = f"http://a.example:{server.port}/"
        assert fetch(url, LIMIT, network=reaching(server)).content == b"there"
        assert all("Cookie" not in headers for _, headers in server.requests)
        last = 4
        with pytest.raises(Refused, match="more than 3 redirects"):
            fetch(url, LIMIT, network=reaching(server))


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with listener() as sock, outside(_file) as server:
        proxy = f"http://127.0.0.1:{sock.getsockname()[1]}"
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        fetch(f"http://a.example:{server.port}/", LIMIT, network=reaching(server))
        assert not was_touched(sock)


def _endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def _bomb(handler: Handler) -> None:
    handler.send(gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")


def _drip_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def _drip_head(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def _other_protocol(handler: Handler) -> None:
    handler.wfile.write(b"+OK redis\r\n")
    handler.close_connection = True


def _silent(handler: Handler) -> None:
    time.sleep(2)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (_endless, "larger than 1,000,000 bytes"),
        (_bomb, "larger than 1,000,000 bytes"),
        (_drip_body, "longer than 0.5 seconds"),
        (_drip_head, "longer than 0.5 seconds"),
        (_silent, "longer than 0.5 seconds"),
        (lambda handler: handler.send(b"x", 404), "answered 404"),
        (lambda handler: handler.send(b"x", 206), "answered 206"),
        (lambda handler: handler.send(b"x", Content_Encoding="br"), "not asked for"),
        (lambda handler: handler.send(b"x", Content_Encoding="gzip"), "broke off"),
        (_other_protocol, "broke off"),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), "broke off"),
    ],
)
def test_servers_with_tricks(answer: Callable[[Handler], None], message: str) -> None:
    # Only who is refused for being slow is given little time: a busy machine is slow as well.
    seconds = 0.5 if "seconds" in message else 60
    with outside(answer) as server, pytest.raises(Refused, match=message):
        fetch(f"http://a.example:{server.port}/", LIMIT, network=reaching(server), seconds=seconds)


def test_a_slow_name_server_counts() -> None:
    refused = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        # Answers only after the fetch was given up, which it must not wait for.
        refused.wait(30)
        return ["127.0.0.1"]

    with pytest.raises(Refused, match="longer than"):
        fetch("http://a.example/", LIMIT, network=Network(resolve=resolve), seconds=0.2)
    refused.set()


def test_gzip_that_fits_is_unpacked() -> None:
    packed = gzip.compress(b"leaf" * 1000)
    with outside(lambda handler: handler.send(packed, Content_Encoding="gzip")) as server:
        found = fetch(f"http://a.example:{server.port}/", 4000, network=reaching(server))
    assert found.content == b"leaf" * 1000


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for ``name`` alone, and its key; good for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    return pem, secret


def test_tls_is_for_the_name_not_for_the_address(tmp_path: Path) -> None:
    pem, secret = _certificate(tmp_path, "pictures.example")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, secret)
    trust = ssl.create_default_context(cafile=str(pem))
    with outside(_file, tls) as server:
        network = reaching(server, tls=trust)
        url = f"https://pictures.example:{server.port}/leaf.png"
        assert fetch(url, LIMIT, network=network).content == b"the file"
        assert server.names == ["pictures.example"]
        assert server.requests[0][1]["Host"] == f"pictures.example:{server.port}"
        # Another name at the same address, and a certificate that nobody vouches for.
        with pytest.raises(Refused, match="could not be reached"):
            fetch(url.replace("pictures", "other"), LIMIT, network=network)
        with pytest.raises(Refused, match="could not be reached"):
            fetch(url, LIMIT, network=reaching(server))
        assert len(server.requests) == 1


def test_only_so_many_at_a_time() -> None:
    held = [_slots.acquire() for _ in range(AT_ONCE)]
    try:
        with pytest.raises(Refused, match="being fetched"):
            fetch("http://a.example/", LIMIT)
    finally:
        for _ in held:
            _slots.release()


def test_production_has_one_network() -> None:
    """What lets the tests reach loopback is an argument; no setting can leave it open."""
    default = Network()
    assert default.allowed is is_public
    assert default.resolve is connections.resolve
    assert default.ports is None
    assert default.tls is None
