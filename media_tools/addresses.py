"""Which IP addresses belong to the public internet.

``ipaddress.is_global`` alone is not enough: it knows nothing of IPv4 addresses inside IPv6 ones,
lets multicast through, and its tables differ between Python releases.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# 6to4 relays (RFC 7526), and IETF protocol assignments of which newer tables free a few.
_NEVER_V4 = [ip_network(net) for net in ("192.88.99.0/24", "192.0.0.0/24")]
# The only range of global unicast addresses that is in use (RFC 4291, IANA).
_UNICAST_V6 = ip_network("2000::/3")
# 6bone (returned to IANA), documentation (RFC 9637) and IETF protocols, Teredo among them.
_NEVER_V6 = [ip_network(net) for net in ("3ffe::/16", "3fff::/20", "2001::/23")]
_NAT64 = ip_network("64:ff9b::/96")
# RFC 5214: an interface identifier that carries an IPv4 address in its last 32 bits.
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(text: str) -> bool:
    """Whether ``text`` is an address that hosts on the public internet have, and no other."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return _v4(address) if isinstance(address, IPv4Address) else _v6(address)


def _v4(address: IPv4Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in net for net in _NEVER_V4)
    )


def _v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return _v4(address.ipv4_mapped)
    if address in _NAT64:
        # Networks without IPv4 reach all of it this way.
        return _v4(_low(address))
    return (
        address in _UNICAST_V6
        and not any(address in net for net in _NEVER_V6)
        and all(_v4(inner) for inner in _embedded(address))
        and (address.sixtofour is not None or address.is_global)
    )


def _embedded(address: IPv6Address) -> Iterator[IPv4Address]:
    if address.sixtofour is not None:
        yield address.sixtofour
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        yield _low(address)


def _low(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
