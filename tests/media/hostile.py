"""The hostile-image corpus: files that look like pictures, or are worse than they look."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

from tests.world import png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_of(width: int, height: int, bits: int, color: int, *chunks: bytes) -> bytes:
    """A PNG that says it is this large, with whatever is given as content."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    parts = [png_chunk(b"IHDR", header), *chunks, png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def bomb() -> bytes:
    """121 million pixels in about 15 kB; Wagtail alone needs 48 s and 8 GB for one rendition."""
    rows = zlib.compress((b"\0" + b"\0" * 1375) * 11_000, 9)
    return png_of(11_000, 11_000, 1, 0, png_chunk(b"IDAT", rows))


def animated_png(frames: int, side: int) -> bytes:
    """An APNG that says it has so many frames."""
    control = png_chunk(b"acTL", struct.pack(">II", frames, 0))
    frame = png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, side, side, 0, 0, 1, 10, 0, 0))
    rows = zlib.compress(b"\0" * (side + 1) * side)
    return png_of(side, side, 8, 0, control, frame, png_chunk(b"IDAT", rows))


def gif(frames: int, width: int = 1, height: int = 1) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b";"


def webp(width: int, height: int, frames: int = 3) -> bytes:
    """A WebP animation of small frames on a canvas of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def three(number: int) -> bytes:
        return number.to_bytes(3, "little")

    dot = saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    canvas = chunk(b"VP8X", bytes([2, 0, 0, 0]) + three(width - 1) + three(height - 1))
    frame = chunk(b"ANMF", three(0) * 4 + three(100) + b"\0" + dot)
    body = b"WEBP" + canvas + chunk(b"ANIM", b"\0" * 6) + frame * frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _text_bomb() -> bytes:
    text = b"Comment\0\0" + zlib.compress(b"a" * 200_000_000, 9)
    return png_of(8, 8, 8, 0, *[png_chunk(b"zTXt", text)] * 3)


def _profile_bomb() -> bytes:
    profile = b"ICC\0\0" + zlib.compress(b"a" * 200_000_000, 9)
    return png_of(8, 8, 8, 0, png_chunk(b"iCCP", profile))


def _jpeg_claiming(width: int, height: int) -> bytes:
    content = bytearray(saved(Image.new("L", (8, 8)), "JPEG"))
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(content)


# Name → how it is made. Nothing of it may reach the library.
REFUSED: dict[str, Callable[[], bytes]] = {
    "121 Mpx PNG of 15 kB": bomb,
    "PNG that says 2^31 - 1 squared": lambda: png_of(2**31 - 1, 2**31 - 1, 8, 2),
    "PNG of one row and 60 million columns": lambda: png_of(60_000_000, 1, 8, 0),
    "PNG of no pixels": lambda: png_of(0, 0, 8, 0),
    "PNG cut off": lambda: png()[:60],
    "PNG header only": lambda: png_of(64, 64, 8, 2),
    "PNG with rows missing": lambda: png_of(
        64, 64, 8, 2, png_chunk(b"IDAT", zlib.compress(b"\0" * 100))
    ),
    "PNG with broken compression": lambda: png_of(64, 64, 8, 2, png_chunk(b"IDAT", b"\0" * 99)),
    "PNG with a 600 MB comment": _text_bomb,
    "PNG with a 200 MB profile": _profile_bomb,
    "APNG of 2^31 frames": lambda: animated_png(2**31 - 1, 8),
    "APNG of 200 frames with 1 Mpx": lambda: animated_png(200, 1000),
    "GIF of 201 frames": lambda: gif(201),
    "GIF of 300,000 frames": lambda: gif(300_000),
    "GIF canvas of 65,535 squared": lambda: gif(1, 65_535, 65_535),
    "GIF of 150 frames on 1 Mpx": lambda: gif(150, 1000, 1000),
    "GIF without a frame": lambda: gif(0),
    "WebP canvas of 16,383 squared": lambda: webp(16_383, 16_383),
    "WebP canvas of 8,000 squared": lambda: webp(8_000, 8_000),
    "WebP of 300 frames": lambda: webp(8, 8, 300),
    "WebP cut off": lambda: saved(Image.effect_noise((64, 64), 90), "WEBP")[:200],
    "JPEG that says 65,535 squared": lambda: _jpeg_claiming(65_535, 65_535),
    "JPEG that says 65,500 x 2,000": lambda: _jpeg_claiming(65_500, 2_000),
    "JPEG cut off": lambda: saved(Image.effect_noise((64, 64), 90), "JPEG")[:700],
    "JPEG start only": lambda: b"\xff\xd8\xff\xe0" + b"\0" * 40,
    "SVG with a script": lambda: SVG,
    "SVG with a declaration": lambda: b'<?xml version="1.0"?>' + SVG,
    "SVG with an entity bomb": lambda: (
        b'<!DOCTYPE svg [<!ENTITY a "aa">' + b'<!ENTITY b "&a;&a;">]>' + SVG
    ),
    "SVG, gzipped": lambda: zlib.compress(SVG),
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "HTML behind GIF89a": lambda: b"GIF89a/*<script>alert(1)</script>*/=1;",
    "script behind a JPEG start": lambda: b"\xff\xd8\xff<?php system($_GET[0]); ?>",
    "PDF": lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript>>>>",
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n(%pipe%id) (w) file",
    "ImageMagick vector": lambda: b"push graphic-context\nfill 'url(https://127.0.0.1/x)'",
    "ZIP": lambda: b"PK\x03\x04" + b"\0" * 60,
    "program": lambda: b"MZ" + b"\0" * 200,
    "ELF": lambda: b"\x7fELF" + b"\0" * 200,
    "BMP": lambda: saved(Image.new("RGB", (8, 8)), "BMP"),
    "TIFF": lambda: saved(Image.new("RGB", (8, 8)), "TIFF"),
    "ICO": lambda: saved(Image.new("RGB", (16, 16)), "ICO"),
    "TGA": lambda: saved(Image.new("RGB", (8, 8)), "TGA"),
    "PPM": lambda: saved(Image.new("RGB", (8, 8)), "PPM"),
    "PCX": lambda: saved(Image.new("RGB", (8, 8)), "PCX"),
    "JPEG 2000": lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 60,
    "PSD": lambda: b"8BPS\0\x01" + b"\0" * 60,
    "HEIC": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 60,
    "AVIF": lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 60,
    "nothing": lambda: b"",
    "text": lambda: b"hello",
    "noise": lambda: bytes(range(256)) * 16,
}

_MARK = b"<?php evil() ?><script>evil()</script>"


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "evil() camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 23.0, 44.0), 3: "E", 4: (13.0, 3.0, 50.0)})
    return exif


def _marked(kind: str, **options: Any) -> bytes:
    return saved(Image.new("RGB", (16, 16), "green"), kind, **options)


# Pictures that are stored, because they are pictures, but without what else is in them.
CLEANED: dict[str, Callable[[], bytes]] = {
    "JPEG with a program behind it": lambda: _marked("JPEG") + _MARK,
    "JPEG with EXIF and GPS": lambda: _marked("JPEG", exif=_exif()),
    "JPEG with a comment": lambda: _marked("JPEG", comment=_MARK),
    "JPEG with XMP": lambda: _marked("JPEG", xmp=b"<x:xmpmeta>evil()</x:xmpmeta>"),
    "JPEG that is also a ZIP": lambda: _marked("JPEG") + b"PK\x03\x04evil()" + b"PK\x05\x06",
    "JPEG with a second view": lambda: saved(
        Image.new("RGB", (16, 16), "green"),
        "MPO",
        save_all=True,
        append_images=[Image.new("RGB", (16, 16), "red")],
    )
    + _MARK,
    "PNG with a program behind it": lambda: png() + _MARK,
    "PNG with EXIF": lambda: _marked("PNG", exif=_exif()),
    "PNG with a text chunk": lambda: png_of(
        2, 1, 8, 0, png_chunk(b"tEXt", b"Comment\0" + _MARK),
        png_chunk(b"IDAT", zlib.compress(b"\0\0\0")),
    ),
    "PNG with a profile that is none": lambda: _marked("PNG", icc_profile=_MARK * 10),
    "GIF with a comment": lambda: _marked("GIF", comment=_MARK),
    "GIF with a program behind it": lambda: _marked("GIF") + _MARK,
    "WebP with EXIF": lambda: _marked("WEBP", exif=_exif()),
    "WebP with XMP": lambda: _marked("WEBP", xmp=b"<x:xmpmeta>evil()</x:xmpmeta>"),
    "WebP with a program behind it": lambda: _marked("WEBP") + _MARK,
}  # fmt: skip
