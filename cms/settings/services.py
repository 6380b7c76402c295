"""Services that a larger site has besides its database: where files and the search index are."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SEARCH_BACKENDS = ("opensearch2", "opensearch3", "elasticsearch8", "elasticsearch9")
# Wagtail caches addresses of renditions in pages, those of documents are made for each reader.
SIGNED_SECONDS = 15 * 60


def media_storages(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """``default`` and ``renditions`` for Django's STORAGES on S3; {} without ``S3_BUCKET``.

    Originals and documents are private: their addresses are signed. Renditions are what visitors
    see, and come from ``S3_PUBLIC_URL`` where there is one. Keys come from
    ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``, or from the machine's role.
    """
    bucket = environment.get("S3_BUCKET", "").strip()
    if not bucket:
        return {}
    options = {
        "bucket_name": bucket,
        "region_name": environment.get("S3_REGION") or None,
        "endpoint_url": environment.get("S3_ENDPOINT_URL") or None,
        "location": environment.get("S3_PREFIX", "").strip("/"),
        # The bucket's policy says who may read; new buckets refuse lists of their own.
        "default_acl": None,
        "file_overwrite": False,
        "querystring_auth": True,
        "querystring_expire": SIGNED_SECONDS,
        "signature_version": "s3v4",
        "addressing_style": environment.get("S3_ADDRESSING_STYLE") or "auto",
    }
    public = {**options, **_public(environment.get("S3_PUBLIC_URL", ""))}
    _need_packages()
    backend = "cms.storages.MediaStorage"
    return {
        "default": {"BACKEND": backend, "OPTIONS": options},
        "renditions": {"BACKEND": backend, "OPTIONS": public},
    }


def search_backends(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """WAGTAILSEARCH_BACKENDS for ``SEARCH_URL``, as in ``opensearch3+https://host:9200``; {}
    without one. The name before the plus is that of Wagtail's backend."""
    address = environment.get("SEARCH_URL", "").strip()
    if not address:
        return {}
    backend, _, url = address.partition("+")
    if backend not in SEARCH_BACKENDS or urlsplit(url).scheme not in ("http", "https"):
        raise ImproperlyConfigured(
            "SEARCH_URL is the name of a backend, a plus and an address, for example "
            f"opensearch3+https://127.0.0.1:9200 (backends: {', '.join(SEARCH_BACKENDS)})."
        )
    return {
        "default": {
            "BACKEND": f"wagtail.search.backends.{backend}",
            "URLS": [url],
            "INDEX_PREFIX": environment.get("SEARCH_INDEX_PREFIX", ""),
            "TIMEOUT": 5,
        }
    }


def _public(address: str) -> dict[str, Any]:
    """Plain addresses below ``address``, which a cache can keep; {} to sign these as well."""
    if not address:
        return {}
    parts = urlsplit(address.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ImproperlyConfigured(
            "S3_PUBLIC_URL is an address, for example https://media.example.org"
        )
    return {
        "custom_domain": parts.netloc + parts.path,
        "url_protocol": f"{parts.scheme}:",
        "querystring_auth": False,
        "object_parameters": {"CacheControl": "public, max-age=31536000"},
    }


def _need_packages() -> None:
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "S3_BUCKET is set, but the packages for it are not there. "
            'Run pip install "wagtail-editorial-mcp[s3]".'
        )
