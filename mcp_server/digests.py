"""The form of a secret and the digest that is stored instead of it.

``wagtail_mcp_`` + 27 base-62 characters (160 random bits) + 6 characters of CRC-32. The prefix
lets secret scanners recognise a leaked token; the checksum refuses malformed input without a
query. As in Wagtail's own ``APIToken``, only an HMAC-SHA-256 digest is kept.
"""

import secrets
import zlib

from django.conf import settings
from django.utils.crypto import salted_hmac

from .conf import mcp_settings

PREFIX = "wagtail_mcp_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_BYTES = 20
BODY_LENGTH = 27
CHECKSUM_LENGTH = 6
SHOWN = 4
_SALT = "mcp_server.MCPToken"
_STATE_SALT = "mcp_server.request_state"


def generate() -> str:
    """A new secret, 45 characters."""
    number = int.from_bytes(secrets.token_bytes(RANDOM_BYTES))
    body = PREFIX + _base62(number, BODY_LENGTH)
    return body + _checksum(body)


def is_well_formed(secret: str) -> bool:
    """Whether ``secret`` could be one of ours: prefix, length, characters and checksum."""
    if len(secret) != len(PREFIX) + BODY_LENGTH + CHECKSUM_LENGTH or not secret.isascii():
        return False
    body, checksum = secret[:-CHECKSUM_LENGTH], secret[-CHECKSUM_LENGTH:]
    return body.startswith(PREFIX) and secrets.compare_digest(checksum, _checksum(body))


def digest(secret: str, key: str | bytes | None = None) -> str:
    """HMAC-SHA-256 of ``secret`` in hexadecimal, under ``key`` or the current key."""
    used = _keys()[0] if key is None else key
    return salted_hmac(_SALT, secret, secret=used, algorithm="sha256").hexdigest()


def candidates(secret: str) -> list[str]:
    """Digests under the current key and each fallback, the current one first."""
    return [digest(secret, key) for key in _keys()]


def state_keys() -> list[str]:
    """Keys that seal what a client carries between two requests, the same in every process."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    # A key may stand among its own fallbacks; the ring refuses a twin.
    return [_state_key(key) for key in dict.fromkeys(keys)]


def _state_key(key: str | bytes) -> str:
    return salted_hmac(_STATE_SALT, "", secret=key, algorithm="sha256").hexdigest()


def _keys() -> list[str | bytes]:
    own = mcp_settings()
    if own.TOKEN_KEY:
        return [own.TOKEN_KEY, *own.TOKEN_KEY_FALLBACKS]
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, remainder = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[remainder])
    return "".join(reversed(characters))
