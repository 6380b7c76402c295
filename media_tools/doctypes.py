"""Which files may be stored as documents: by extension, and by what is in them."""

import re
import zipfile
import zlib
from io import BytesIO

from django.conf import settings

from mcp_server.api import Refused, mcp_settings

# Where an office file keeps its main part (ECMA-376), and the entry that names an OpenDocument.
_OFFICE = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_OPEN = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_STARTS = {"pdf": b"%PDF-", "rtf": b"{\\rtf"}
_TEXT = frozenset({"csv", "md", "txt"})
_MACROS = re.compile(r"vbaproject\.bin$|^basic/|^scripts/", re.IGNORECASE)
# A browser that guesses would run these.
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)",
    re.IGNORECASE | re.DOTALL,
)
_PROGRAM = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")


def allowed_types() -> list[str]:
    """The extensions that ``DOCUMENT_TYPES`` and WAGTAILDOCS_EXTENSIONS both have."""
    own = sorted({item.lower() for item in mcp_settings().DOCUMENT_TYPES})
    wagtails = getattr(settings, "WAGTAILDOCS_EXTENSIONS", None)
    return [item for item in own if item in wagtails] if wagtails else own


def check_type(filename: str) -> str:
    """The extension of ``filename``; refused when it is not on the list."""
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if extension not in allowed_types():
        raise Refused(
            f"filename: a name that ends in a type of document is needed "
            f"(allowed: {', '.join(allowed_types())})."
        )
    return extension


def check_content(extension: str, content: bytes) -> None:
    """Refuse content that is not what the extension says."""
    if not _fits(extension, content):
        raise Refused(f"The content of this file is not {extension.upper()}. Send another file.")


def _fits(extension: str, content: bytes) -> bool:
    if not content or content.startswith(_PROGRAM):
        return False
    if extension in _STARTS:
        return content.startswith(_STARTS[extension])
    if extension in _TEXT:
        return _is_text(content)
    if extension in _OFFICE or extension in _OPEN:
        return _is_office(extension, content)
    # A type that the site added: its content is not known, but pages and programs are.
    return _MARKUP.match(content[:4096]) is None


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content and _MARKUP.match(content[:4096]) is None


def _is_office(extension: str, content: bytes) -> bool:
    # At the very start: a ZIP is read from its end, so anything may stand in front of one.
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if any(_MACROS.search(name) for name in names):
                return False
            if extension in _OFFICE:
                main = _OFFICE[extension]
                return "[Content_Types].xml" in names and any(n.startswith(main) for n in names)
            with archive.open("mimetype") as entry:
                return entry.read(100).decode("ascii", "replace").strip() == _OPEN[extension]
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, EOFError, RuntimeError):
        return False
