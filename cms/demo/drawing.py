"""What the demo's pictures are drawn with: a canvas in 1600 x 1000 units and plant shapes.

Everything random comes from a seeded generator, so that each load draws the same pictures.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import cos, pi, radians, sin
from random import Random

from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = str | tuple[int, int, int]
WIDTH, HEIGHT = 1600, 1000
# Drawn at twice the size and reduced, which smooths every edge.
SCALE = 2


def rgb(colour: Colour) -> tuple[int, int, int]:
    if isinstance(colour, tuple):
        return colour
    value = int(colour.lstrip("#"), 16)
    return (value >> 16, value >> 8 & 255, value & 255)


def mix(first: Colour, second: Colour, share: float) -> tuple[int, int, int]:
    """`share` of the second colour in the first, 0 to 1."""
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(rgb(first), rgb(second), strict=True)
    )
    return (red, green, blue)


def gradient(stops: Sequence[Colour], size: tuple[int, int]) -> Image.Image:
    """Colours from top to bottom at equal distances."""
    strip = Image.new("RGB", (1, len(stops)))
    for row, colour in enumerate(stops):
        strip.putpixel((0, row), rgb(colour))
    tall = strip.resize((1, size[1]), Image.Resampling.BICUBIC)
    return tall.resize(size)


class Canvas:
    def __init__(self, stops: Sequence[Colour], seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - draws pictures, guards nothing
        self.image = gradient(stops, (WIDTH * SCALE, HEIGHT * SCALE))
        self.draw = ImageDraw.Draw(self.image)

    def between(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=rgb(fill))

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        thickness = max(1, round(width * SCALE))
        self.draw.line(scaled, fill=rgb(fill), width=thickness, joint="curve")

    def ellipse(self, centre: Point, rx: float, ry: float, fill: Colour) -> None:
        x, y = centre
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.draw.ellipse(box, fill=rgb(fill))

    def ring(self, centre: Point, rx: float, ry: float, colour: Colour, width: float) -> None:
        x, y = centre
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.draw.ellipse(box, outline=rgb(colour), width=max(1, round(width * SCALE)))

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float = 1) -> None:
        """Light that fades from the centre outwards."""
        side = round(radius * 2 * SCALE)
        mask = Image.radial_gradient("L").point(lambda value: max(0, 255 - value * 2) * strength)
        corner = round((centre[0] - radius) * SCALE), round((centre[1] - radius) * SCALE)
        self.image.paste(rgb(colour), corner, mask.resize((side, side)))

    def haze(self, top: float, bottom: float, colour: Colour, strength: float) -> None:
        """A band of mist, densest at its lower edge."""
        size = (WIDTH * SCALE, round((bottom - top) * SCALE))
        mask = Image.linear_gradient("L").point(lambda value: value * strength).resize(size)
        self.image.paste(rgb(colour), (0, round(top * SCALE)), mask)

    @contextmanager
    def inside(self, outline: Sequence[Point]) -> Iterator[None]:
        """Keep only what is drawn within the outline."""
        before = self.image.copy()
        yield
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon([(x * SCALE, y * SCALE) for x, y in outline], fill=255)
        before.paste(self.image, mask=mask)
        self.image.paste(before)

    def blur(self, radius: float) -> None:
        """Throw everything drawn so far out of focus."""
        small = self.image.reduce(4).filter(ImageFilter.GaussianBlur(radius * SCALE / 4))
        self.image.paste(small.resize(self.image.size, Image.Resampling.BICUBIC))

    def finished(self) -> Image.Image:
        """The picture in its final size, with a little grain against banding."""
        picture = self.image.reduce(SCALE)
        size = (WIDTH // 2, HEIGHT // 2)
        noise = Image.frombytes("L", size, self.random.randbytes(size[0] * size[1]))
        grain = noise.resize(picture.size, Image.Resampling.BILINEAR).convert("RGB")
        return Image.blend(picture, grain, 0.035)


def towards(start: Point, angle: float, length: float) -> Point:
    """The point `length` away in a direction in degrees: 0 is right, 90 is up."""
    return (
        start[0] + cos(radians(angle)) * length,
        start[1] - sin(radians(angle)) * length,
    )


def curve(start: Point, angle: float, length: float, bend: float, steps: int = 14) -> list[Point]:
    """A stem that leaves `start` at an angle and turns by `bend` degrees on its way."""
    points = [start]
    for step in range(steps):
        points.append(towards(points[-1], angle + bend * step / steps, length / steps))
    return points


def leaf_outline(base: Point, angle: float, length: float, width: float) -> list[Point]:
    """A pointed oval from its stalk to its tip."""
    spine = [towards(base, angle, length * step / 10) for step in range(11)]
    breadth = [width / 2 * sin(pi * (step / 10) ** 0.8) for step in range(11)]
    left = [towards(p, angle + 90, b) for p, b in zip(spine, breadth, strict=True)]
    right = [towards(p, angle - 90, b) for p, b in zip(spine, breadth, strict=True)]
    return left + right[::-1]


def leaf(
    canvas: Canvas, base: Point, angle: float, length: float, width: float, fill: Colour
) -> None:
    """A leaf with a lighter half and a midrib."""
    outline = leaf_outline(base, angle, length, width)
    canvas.polygon(outline, fill)
    tip = towards(base, angle, length)
    canvas.polygon([*outline[:11], tip], mix(fill, "#ffffff", 0.1))
    canvas.line([base, towards(base, angle, length * 0.9)], mix(fill, "#000000", 0.14), width / 26)


def petals(
    canvas: Canvas, centre: Point, radius: float, count: int, fill: Colour, turn: float = 0
) -> None:
    """A ring of petals seen from above, shaded towards the centre."""
    for number in range(count):
        angle = turn + number * 360 / count
        breadth = radius * 3.4 / count + radius * 0.16
        outline = leaf_outline(centre, angle, radius, breadth)
        canvas.polygon(outline, mix(fill, "#ffffff", 0.12 * (number % 2)))
        inner = leaf_outline(centre, angle, radius * 0.7, breadth * 0.4)
        canvas.polygon(inner, mix(fill, "#30002a", 0.12))
