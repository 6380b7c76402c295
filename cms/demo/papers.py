"""The demo's documents: a printed map, two sheets of text and a press release."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from .drawing import Canvas
from .pictures import PICTURES, PRESS, SITE

SCHOOL_PROGRAMME = """\
programme,years,subject,minutes
Who sleeps in the compost?,preschool to 2,nature and technology,60
Pollination is a business,3 to 6,biology,90
Plants that count,3 to 6,mathematics,90
Reading a meadow,5 to 8,biology and geography,90
Colours from plants,5 to 8,chemistry and art,90
From sample to sequence,10 to 13,biology,180
"""

PRESS_RELEASE = """\
PRESS RELEASE - embargoed until the opening

Havelmoor Botanical Garden rebuilds its north gate

The north gate gets a level entrance, a wide toilet and a roof planted with houseleeks.
Pictures in this archive may be printed free of charge with the credit
"Havelmoor Botanical Garden".
"""


def map_sheet() -> bytes:
    """The plan of the garden as a page to print, with a legend."""
    picture = next(picture for picture in PICTURES if picture.slug == "garden-plan")
    canvas = Canvas(picture.sky, picture.seed)
    picture.scene(canvas, *picture.details)
    sheet = Image.new("RGB", (1754, 1240), "#fbfaf5")
    sheet.paste(canvas.finished(), (77, 60))
    draw = ImageDraw.Draw(sheet)
    draw.text((77, 1080), "Havelmoor Botanical Garden", "#1b3a2c", ImageFont.load_default(52))
    legend = "Rings: the systematic beds.  Upper right: the arboretum.  Lower right: the lily pond."
    draw.text((77, 1152), legend, "#46564c", ImageFont.load_default(30))
    file = BytesIO()
    sheet.save(file, "PDF", resolution=150, title="Garden map")
    return file.getvalue()


@dataclass(frozen=True)
class Paper:
    slug: str
    suffix: str
    title: str
    tags: tuple[str, ...]
    content: Callable[[], bytes]
    collection: str = SITE

    @property
    def filename(self) -> str:
        return f"{self.slug}.{self.suffix}"


PAPERS = (
    Paper("garden-map", "pdf", "Garden map", ("map", "visiting"), map_sheet),
    Paper("school-programme", "csv", "Programme overview for schools", ("learning",),
          SCHOOL_PROGRAMME.encode),
    Paper("press-release-north-gate", "txt", "Press release: the new north gate", ("press",),
          PRESS_RELEASE.encode, PRESS),
)  # fmt: skip
