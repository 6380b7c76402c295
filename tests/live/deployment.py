"""The site as ``deploy/`` sets it up: nginx, its services, PostgreSQL and Redis, on loopback."""

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

from .databases import new_database
from .site import ROOT

POSTGRES = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/11")
# Service → worker processes, as compose.yaml has them, with one more for `mcp`.
SERVICES = {"web": 2, "mcp": 3, "sse": 1}
# Six processes start at once.
START_SECONDS = 240


class Deployed:
    """Where the running site is, and what its clients need."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.port, self.plain = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificate = folder / "tls" / "fullchain.pem"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MCP_")},
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "SECRET_KEY": uuid4().hex + uuid4().hex,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": self.url,
            "DATABASE_URL": database_url,
            "REDIS_URL": REDIS,
            "BEHIND_TLS_PROXY": "1",
            "VAR_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        self.demo: dict[str, Any] = {}

    def serve(self, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        log = (self.folder / f"{environment.get('PORT', arguments[0])}.log").open("wb")
        return subprocess.Popen(
            [str(ROOT / "deploy" / "serve"), *arguments],
            cwd=ROOT, env={**self.environment, **environment}, stdout=log, stderr=log,
        )  # fmt: skip

    def logs(self) -> str:
        """What nginx and the services wrote. ``load_demo`` prints tokens, as it says it does."""
        found = [path for path in self.folder.glob("*.log") if path.stem != "load_demo"]
        return "".join(path.read_text(errors="replace") for path in found)

    def client(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(base_url=self.url, verify=context, trust_env=False, timeout=60)


@contextmanager
def deployed() -> Iterator[Deployed]:
    """Database, static files, certificate, services and nginx, all of them gone afterwards."""
    with TemporaryDirectory(prefix="deployed-") as name, new_database(POSTGRES) as database_url:
        site = Deployed(Path(name), database_url)
        # nginx's workers run as another user and read the files.
        site.folder.chmod(0o755)
        certify(site.folder / "tls")
        for command in (["migrate"], ["load_demo"]):
            assert site.serve(*command).wait() == 0, f"serve {command[0]} failed"
        site.demo = json.loads((site.folder / "demo.json").read_text())
        with ExitStack() as stack:
            ports = {service: free_port() for service in SERVICES}
            for service, workers in SERVICES.items():
                figures = str(site.folder / f"figures-{service}")
                stack.enter_context(
                    running(
                        site.serve(
                            "web",
                            PORT=str(ports[service]),
                            WORKERS=str(workers),
                            PROMETHEUS_MULTIPROC_DIR=figures,
                        )
                    )
                )
            stack.enter_context(running(nginx(site, ports)))
            wait(site)
            yield site


def nginx(site: Deployed, ports: dict[str, int]) -> "subprocess.Popen[bytes]":
    """nginx with the configuration of ``deploy/``, its addresses and folders replaced."""
    source = ROOT / "deploy" / "nginx"
    text = (source / "upstreams.conf").read_text() + (source / "site.conf").read_text()
    replaced = {
        **{
            f"server {service}:8000;": f"server 127.0.0.1:{port};"
            for service, port in ports.items()
        },
        "listen 443 ssl": f"listen 127.0.0.1:{site.port} ssl",
        "listen 80;": f"listen 127.0.0.1:{site.plain};",
        "/etc/nginx/tls/": f"{site.folder}/tls/",
        "/var/log/nginx/": f"{site.folder}/",
        "/data/": f"{site.folder}/",
    }
    for old, new in replaced.items():
        assert old in text, f"site.conf has no {old}"
        text = text.replace(old, new)
    config = site.folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {site.folder}/nginx.pid; error_log {site.folder}/nginx.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{\ninclude /etc/nginx/mime.types;\nclient_body_temp_path {site.folder}/body;\n"
        f"proxy_temp_path {site.folder}/proxy;\n{text}\n}}\n"
    )
    checked = subprocess.run(["nginx", "-t", "-c", str(config)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    return subprocess.Popen(["nginx", "-c", str(config)])


@contextmanager
def running(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=40)


def wait(site: Deployed) -> None:
    """Until each service answers through nginx."""
    deadline = time.monotonic() + START_SECONDS
    with site.client() as client:
        for path in ("/admin/login/", "/mcp/health", "/mcp/sse/"):
            while True:
                assert time.monotonic() < deadline, f"{path} does not answer"
                try:
                    if client.get(path).status_code in (200, 401):
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.2)


def certify(folder: Path) -> None:
    """A certificate for 127.0.0.1 that signs itself."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
