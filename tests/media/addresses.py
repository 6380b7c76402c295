# ruff: noqa: RUF001, S104
"""The SSRF corpus: addresses that a client may name, none of which may be reached."""

# Spelt as a host in an address; every one leads, or once led, somewhere that is not public.
HOSTS = (
    # loopback and this host
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "2130706433", "0x7f000001",
    "0x7f.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "0", "0.0.0.0", "0.0.0.1", "localhost",
    "localhost.", "LOCALHOST", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::1]",
    # other spellings of digits and dots
    "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "127.0.0.1.",
    "127.0.0.1#@example.org", "127.0.0.1?@example.org", "127.0.0.1:80",
    # private networks
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.1",
    "[fc00::1]", "[fd12:3456:789a::1]", "[fec0::1]",
    # link local, with the metadata services of clouds
    "169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "[fe80::1]", "[fe80::a9fe:a9fe]", "[fd00:ec2::254]", "100.100.100.200",
    # shared, documentation, benchmarking, relay and reserved ranges
    "100.64.0.1", "100.127.255.254", "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.10",
    "192.0.0.170", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.254",
    "192.88.99.1", "192.88.99.255", "240.0.0.1", "255.255.255.254", "255.255.255.255",
    "[2001:db8::1]", "[3fff::1]", "[3ffe::1]", "[2001:2::1]", "[2001:10::1]", "[2001:20::1]",
    "[100::1]", "[100:0:0:1::1]", "[5f00::1]", "[4000::1]", "[::5]",
    # multicast and broadcast
    "224.0.0.1", "239.255.255.250", "[ff02::1]", "[ff0e::1]", "[ff01::1]",
    # IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
    "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::127.0.0.1]", "[2002:7f00:1::1]",
    "[2002:a00:1::1]", "[2002:a9fe:a9fe::1]", "[2002:c058:6301::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:0:7f00:1::1]",
    "[2a00:1450:4001:830:0:5efe:7f00:1]", "[2a00:1450:4001:830:200:5efe:10.0.0.1]",
)  # fmt: skip

# Refused for what they are, whatever their host.
URLS = (
    "ftp://example.org/a.png", "file:///etc/passwd", "gopher://example.org:70/_x",
    "dict://example.org:11211/stat", "ldap://example.org/", "jar:http://example.org!/a",
    "data:image/png;base64,iVBORw0KGgo=", "javascript:alert(1)", "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info", "//example.org/a.png", "example.org/a.png",
    "/etc/passwd", "http://", "http:///a.png", "https://:443/", "http://?x", "http://#x",
    "http://user@example.org/", "http://user:word@example.org/", "http://:word@example.org/",
    "http://example.org@127.0.0.1/",
    "http://example.org\\@127.0.0.1/", "http://127.0.0.1\\.example.org/",
    "http://example.org:22/", "http://example.org:25/", "http://example.org:6379/",
    "http://example.org:8000/", "https://example.org:8443/", "http://example.org:0/",
    "http://example.org:65536/", "http://example.org:-80/", "http://example.org:80a/",
    "http://exa mple.org/", "http://example.org/\r\nHost: 127.0.0.1", "http://example.org/\t",
    "http://example.org/a\nb", "http://example.org/\x00", "\x00http://example.org/",
    "http://[::1", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[v1.x]/",
    "http://" + "a" * 300 + ".org/", "http://example.org/" + "a" * 3000, "http://xn--/",
    "http://.../", "http://‮gro.elpmaxe/", "",
)  # fmt: skip

# What the name server answers for a name; one address that is not public is one too many.
ANSWERS: tuple[list[str], ...] = (
    ["127.0.0.1"], ["10.0.0.5"], ["169.254.169.254"], ["::1"], ["fd00::1"], ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"], ["93.184.215.14", "127.0.0.1"], ["2606:2800:21f:cb07::1", "fe80::1"],
    ["8.8.8.8", "192.88.99.1"], ["fe80::1%lo"], ["not an address"], [""], [],
)  # fmt: skip

# The control: a rule that refuses everything would pass all of the above.
PUBLIC = (
    "93.184.215.14", "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "192.167.255.255",
    "100.63.255.255", "100.128.0.1", "198.17.255.255", "223.255.255.254", "2606:4700:4700::1111",
    "2a00:1450:4001:830::200e", "2620:fe::fe", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
    "2002:808:808::1",
)  # fmt: skip
