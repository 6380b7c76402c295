"""Collections, pictures, documents and the author snippets."""

from io import BytesIO

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, CollectionViewRestriction

from blog.models import Author

from .drawing import Canvas
from .papers import PAPERS, Paper
from .pictures import PICTURES, PRESS, SITE, Picture
from .tally import Tally

AUTHORS = (
    ("Editorial desk", "Looks after this website",
     "<p>The editorial desk writes, asks and edits. Corrections are welcome at either gate.</p>"),
    ("Glasshouse crew", "Keeps four climates under glass",
     "<p>Nine gardeners, three domes, one rota. They know every valve by its sound.</p>"),
    ("Learning team", "Programmes for schools and families",
     "<p>The learning team answers every letter that children write to the garden.</p>"),
    ("Plant science team", "Research, labels and the herbarium",
     "<p>The team names, measures and compares what grows here, and changes the labels.</p>"),
    ("Seed bank", "Wild plants of the river valley",
     "<p>The seed bank collects, dries and freezes, and hopes that nobody will need it.</p>"),
)  # fmt: skip


def collections(moderators: Group, tally: Tally) -> dict[str, Collection]:
    """The public collection, and the one whose files only moderators may open."""
    root = Collection.get_first_root_node()
    found = {}
    for name in (SITE, PRESS):
        found[name] = Collection.objects.filter(name=name).first()
        if found[name] is None:
            # Asked for again each time: treebeard's count of children is part of the instance.
            root.refresh_from_db()
            found[name] = root.add_child(name=name)
            tally.add("collections")
    restriction, made = CollectionViewRestriction.objects.get_or_create(
        collection=found[PRESS], restriction_type=CollectionViewRestriction.GROUPS
    )
    if made:
        restriction.groups.add(moderators)
    return found


def drawn(picture: Picture) -> ImageFile:
    canvas = Canvas(picture.sky, picture.seed)
    picture.scene(canvas, *picture.details)
    file = BytesIO()
    canvas.finished().save(file, "JPEG", quality=86, optimize=True)
    return ImageFile(file, name=f"{picture.slug}.jpg")


def pictures(owner: User, homes: dict[str, Collection], tally: Tally) -> dict[str, int]:
    """Ids of the pictures by slug. A picture is known by its file, so titles may be edited."""
    ids = {}
    for picture in PICTURES:
        image = Image.objects.filter(file__contains=f"/{picture.slug}").first()
        if image is None:
            image = Image.objects.create(
                title=picture.title,
                description=picture.alt,
                file=drawn(picture),
                collection=homes[picture.collection],
                uploaded_by_user=owner,
            )
            image.tags.add(*picture.tags)
            tally.add("pictures")
        ids[picture.slug] = image.pk
    return ids


def new_document(paper: Paper, owner: User, homes: dict[str, Collection]) -> Document:
    document: Document = Document.objects.create(
        title=paper.title,
        file=ContentFile(paper.content(), name=paper.filename),
        collection=homes[paper.collection],
        uploaded_by_user=owner,
    )
    document.tags.add(*paper.tags)
    return document


def documents(owner: User, homes: dict[str, Collection], tally: Tally) -> dict[str, int]:
    """Ids of the documents by slug."""
    ids = {}
    for paper in PAPERS:
        document = Document.objects.filter(file__contains=f"/{paper.slug}").first()
        if document is None:
            document = new_document(paper, owner, homes)
            tally.add("documents")
        ids[paper.slug] = document.pk
    return ids


def authors(tally: Tally) -> dict[str, Author]:
    found = {}
    for name, role, bio in AUTHORS:
        found[name], made = Author.objects.get_or_create(
            name=name, defaults={"role": role, "bio": bio}
        )
        tally.add("authors", made)
    return found
