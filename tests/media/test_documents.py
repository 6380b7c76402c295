"""Documents: a name on the list, content that is what the name says, one of each."""

import zipfile
from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction

from mcp_server.errors import Refused
from media_tools.mcp_tools import search_documents, upload_document
from media_tools.shapes import DocumentSummary
from tests.world import World


def archive(*names: str, **contents: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name in names:
            file.writestr(name, b"x")
        for name, content in contents.items():
            file.writestr(name, content)
    return target.getvalue()


TYPES = "[Content_Types].xml"
ODT = b"application/vnd.oasis.opendocument.text"
DOCX = archive(TYPES, "word/document.xml")
GOOD = {
    "plan.pdf": b"%PDF-1.7\n%%EOF", "plan.PDF": b"%PDF-1.4", "letter.docx": DOCX,
    "sheet.xlsx": archive(TYPES, "xl/workbook.xml"),
    "talk.pptx": archive(TYPES, "ppt/presentation.xml"), "letter.odt": archive(mimetype=ODT),
    "note.rtf": b"{\\rtf1 x}", "note.txt": "Grüße aus dem Garten".encode(),
    "list.csv": b"\xef\xbb\xbfname,count\nfern,3\n",
}  # fmt: skip
BAD = {
    "no extension": ("plan", b"%PDF-1.7"),
    "script by name": ("plan.html", b"<html>"),
    "drawing by name": ("plan.svg", b"<svg/>"),
    "program by name": ("plan.exe", b"MZ"),
    "second extension": ("plan.pdf.php", b"%PDF-1.7"),
    "macros by name": ("letter.docm", DOCX),
    "archive": ("all.zip", archive("a")),
    "type that Wagtail allows and we do not": ("talk.key", archive("a")),
    "type that we allow and Wagtail does not": ("note.md", b"# Note"),
    "page as PDF": ("plan.pdf", b"<!doctype html><script>evil()</script>"),
    "page before the PDF": ("plan.pdf", b"<script>evil()</script>%PDF-1.7"),
    "program as PDF": ("plan.pdf", b"MZ\x90\0%PDF-1.7"),
    "text as PDF": ("plan.pdf", b"hello"),
    "page as text": ("note.txt", b" \n<!-- x --><html><script>evil()</script>"),
    "drawing as text": ("note.txt", b"<svg onload=evil()>"),
    "PHP as text": ("note.txt", b"<?php evil();"),
    "program as text": ("note.txt", b"#!/bin/sh\nevil"),
    "ELF as text": ("note.txt", b"\x7fELF\x02"),
    "bytes as text": ("note.txt", b"\xff\xfe\x00\x01"),
    "zeros in a CSV": ("list.csv", b"a\0b"),
    "archive as DOCX": ("letter.docx", archive("a")),
    "sheet as DOCX": ("letter.docx", archive(TYPES, "xl/workbook.xml")),
    "macros in a DOCX": ("letter.docx", archive(TYPES, "word/document.xml", "word/vbaProject.bin")),
    "page before the DOCX": ("letter.docx", b"<script>evil()</script>" + DOCX),
    "broken DOCX": ("letter.docx", DOCX[:40]),
    "DOCX without directory": ("letter.docx", b"PK\x03\x04" + b"\0" * 60),
    "sheet as ODT": ("letter.odt", archive(mimetype=ODT.replace(b"text", b"spreadsheet"))),
    "macros in an ODT": ("letter.odt", archive("Basic/script.xml", mimetype=ODT)),
    "ODT without type": ("letter.odt", archive("content.xml")),
    "text as RTF": ("note.rtf", b"rtf"),
    "nothing": ("note.txt", b""),
}


def upload(actor: Any, filename: str, content: bytes, title: str = "Plan") -> DocumentSummary:
    data = b64encode(content).decode() or "===="
    answer = upload_document(actor, title, data=data, filename=filename)
    assert isinstance(answer, DocumentSummary)
    return answer


@pytest.mark.parametrize("filename", GOOD)
def test_what_is_what_it_says_is_stored(papers: World, filename: str) -> None:
    answer = upload(papers.actor("editor"), filename, GOOD[filename])
    document = get_document_model().objects.get(pk=answer.id)
    assert document.file.read() == GOOD[filename]
    assert (document.collection.name, document.uploaded_by_user) == ("Pictures", papers.editor)
    assert answer.size == len(GOOD[filename])
    assert answer.instance == document
    assert answer.use == f"[Plan](wagtail://document?id={document.pk})"


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_is_refused(papers: World, name: str) -> None:
    filename, content = BAD[name]
    with pytest.raises(Refused):
        upload(papers.actor("editor"), filename, content)
    assert not get_document_model().objects.exists()


def test_the_size_is_capped(papers: World, settings: Any) -> None:
    settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 10
    with pytest.raises(Refused, match="larger than 10 bytes"):
        upload(papers.actor("editor"), "note.txt", b"x" * 11)


def test_private_collections_stay_private(papers: World) -> None:
    upload(papers.actor("editor"), "note.txt", b"here", "Here")
    upload(papers.actor("moderator"), "note.txt", b"there", "There")
    assert [item.title for item in search_documents(papers.actor("editor")).items] == ["Here"]
    assert [item.title for item in search_documents(papers.actor("moderator")).items] == ["There"]
    assert search_documents(papers.actor("outsider")).total == 0
    assert search_documents(papers.actor("admin")).total == 2


def test_documents_are_found(papers: World) -> None:
    editor = papers.actor("editor")
    data = b64encode(b"a plan").decode()
    upload_document(editor, "Planting plan", data=data, filename="p.txt", tags=["spring"])
    for arguments in ({"query": "planting"}, {"tag": "Spring"}, {"collection": "pictures"}):
        given: dict[str, Any] = arguments
        assert [item.title for item in search_documents(editor, **given).items] == ["Planting plan"]
    assert search_documents(editor, query="nothing like it").total == 0


def test_a_twin_is_reported_to_who_may_see_it(papers: World) -> None:
    first = upload(papers.actor("editor"), "note.txt", b"the same")
    again = upload(papers.actor("editor"), "other.txt", b"the same", "Other")
    assert again.id == first.id
    assert again.warnings is not None
    assert f"id {first.id}" in again.warnings[0]
    assert again.instance is None
    # The moderator's collection is another one, so for them it is new.
    CollectionViewRestriction.objects.create(collection=papers.pictures, restriction_type="login")
    assert Collection.objects.filter(name="Archive").exists()
    assert upload(papers.actor("moderator"), "note.txt", b"the same").id != first.id
