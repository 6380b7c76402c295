"""What the media tools answer."""

from typing import Any, Self

from pydantic import BaseModel

from mcp_server.api import Change, Pictured, absolute_url, admin_url


class ImageItem(BaseModel):
    """An image in a list."""

    id: int
    title: str
    alt: str
    width: int
    height: int
    collection: str
    tags: list[str] | None = None

    @classmethod
    def of(cls, image: Any, **more: Any) -> Self:
        return cls(
            id=image.pk,
            title=image.title,
            alt=getattr(image, "description", "") or "",
            width=image.width,
            height=image.height,
            collection=image.collection.name,
            tags=[tag.name for tag in image.tags.all()] or None,
            **more,
        )


class Rendition(BaseModel):
    """One size of an image, as visitors get it."""

    url: str
    width: int
    height: int

    @classmethod
    def of(cls, found: Any) -> Self:
        return cls(url=absolute_url(found.url), width=found.width, height=found.height)


class ImageDetail(ImageItem, Pictured):
    """An image with the renditions that were asked for."""

    renditions: dict[str, Rendition]
    focal_point: list[int] | None = None
    edit_url: str


class ImageSummary(ImageItem, Change):
    """What a write answers: the image, and how a text refers to it."""

    use: str
    focal_point: list[int] | None = None
    edit_url: str
    warnings: list[str] | None = None

    @classmethod
    def of(cls, image: Any, **more: Any) -> Self:
        alt = (getattr(image, "description", "") or image.title).translate(_BRACKETS)
        return super().of(
            image,
            use=f"![{alt}](wagtail://image?id={image.pk})",
            focal_point=focal_point(image),
            edit_url=admin_url("wagtailimages:edit", image.pk),
            **more,
        )


class DocumentItem(BaseModel):
    """A document in a list; ``size`` in bytes."""

    id: int
    title: str
    filename: str
    size: int | None
    url: str
    collection: str
    tags: list[str] | None = None

    @classmethod
    def of(cls, document: Any, **more: Any) -> Self:
        return cls(
            id=document.pk,
            title=document.title,
            filename=document.filename,
            size=document.file_size,
            url=absolute_url(document.url),
            collection=document.collection.name,
            tags=[tag.name for tag in document.tags.all()] or None,
            **more,
        )


class DocumentSummary(DocumentItem, Change):
    """What an upload answers: the document, and how a text refers to it."""

    use: str
    edit_url: str
    warnings: list[str] | None = None

    @classmethod
    def of(cls, document: Any, **more: Any) -> Self:
        return super().of(
            document,
            use=f"[{document.title.translate(_BRACKETS)}](wagtail://document?id={document.pk})",
            edit_url=admin_url("wagtaildocs:edit", document.pk),
            **more,
        )


class UploadAddress(BaseModel):
    """Where to send a file that does not fit into a call. Whoever knows the address can use it."""

    upload_url: str
    method: str = "PUT"
    expires_at: str
    max_bytes: int
    next: str


_BRACKETS = str.maketrans("", "", "[]")


def focal_point(image: Any) -> list[int] | None:
    """``[x, y, width, height]`` of the part that crops keep, in pixels of the original."""
    if not image.has_focal_point():
        return None
    return [
        image.focal_point_x,
        image.focal_point_y,
        image.focal_point_width,
        image.focal_point_height,
    ]
