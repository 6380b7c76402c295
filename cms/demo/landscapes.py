"""Scenes with a horizon: hills, meadows, a grove, a pond and the glasshouse."""

from math import pi, sin

from .drawing import HEIGHT, WIDTH, Canvas, Colour, Point, curve, leaf, mix, petals, towards

Palette = tuple[Colour, ...]


def ridge(canvas: Canvas, level: float, height: float, step: int = 16) -> list[Point]:
    """The outline of a chain of hills around a level."""
    waves = [(canvas.between(0.6, 3.2), canvas.between(0, 2 * pi)) for _ in range(4)]
    return [
        (x, level - height * sum(sin(f * x / WIDTH * 2 * pi + p) / (n + 1.4)
                                 for n, (f, p) in enumerate(waves)))
        for x in range(-step, WIDTH + 2 * step, step)
    ]  # fmt: skip


def ground(canvas: Canvas, outline: list[Point], fill: Colour) -> None:
    canvas.polygon([*outline, (WIDTH + 40, HEIGHT + 10), (-40, HEIGHT + 10)], fill)


def conifer(canvas: Canvas, foot: Point, height: float, fill: Colour) -> None:
    x, y = foot
    for tier in range(4):
        top = y - height * (1 - tier * 0.2)
        half = height * (0.1 + tier * 0.055)
        canvas.polygon([(x, top), (x + half, top + height * 0.38), (x - half, top + height * 0.38)],
                       mix(fill, "#000000", tier * 0.05))  # fmt: skip


def crown(canvas: Canvas, centre: Point, radius: float, fill: Colour) -> None:
    """A round treetop of overlapping tufts, lit from the upper left."""
    for tuft in range(60):
        angle, reach = canvas.between(0, 360), radius * canvas.between(0, 0.85)
        x, y = towards(centre, angle, reach)
        light = (centre[1] - y + centre[0] - x) / radius * 0.16 + 0.1
        shade = mix(fill, "#fff3c4", light) if light > 0 else mix(fill, "#04150c", -light)
        size = radius * canvas.between(0.16, 0.3) * (1 - tuft / 180)
        canvas.ellipse((x, y), size, size * 0.85, shade)


def broadleaf(canvas: Canvas, foot: Point, height: float, fill: Colour) -> None:
    x, y = foot
    trunk = mix(fill, "#2b1d16", 0.7)
    canvas.line([(x, y), (x, y - height * 0.6)], trunk, height * 0.06)
    crown(canvas, (x, y - height * 0.68), height * 0.34, fill)


def hills(
    canvas: Canvas, colours: Palette, sun: Point, trees: str = "mixed", shade: Colour = "#16352c"
) -> None:
    """Ridge behind ridge in mist; `trees` is "mixed" or "conifers", `shade` darkens them."""
    far, near, light = colours[0], colours[1], colours[2]
    canvas.glow(sun, 520, light, 0.85)
    canvas.ellipse(sun, 46, 46, mix(light, "#ffffff", 0.5))
    for layer in range(6):
        share = layer / 5
        outline = ridge(canvas, 430 + layer * 96, 92 - layer * 6)
        fill = mix(far, near, share**0.8)
        for x, y in outline[:: 2 if layer < 4 else 3]:
            chance = canvas.between(0, 1)
            height = canvas.between(24, 50) * (0.7 + share * 2.2)
            if layer > 1 and chance < 0.42:
                tree = conifer if trees == "conifers" or chance < 0.2 else broadleaf
                tree(canvas, (x + canvas.between(-14, 14), y + 12), height, mix(fill, shade, 0.3))
        ground(canvas, outline, fill)
        if layer < 4:
            canvas.haze(470 + layer * 96, 600 + layer * 96, mix(light, far, 0.35), 0.32)


def snow(canvas: Canvas, colours: Palette, sun: Point) -> None:
    hills(canvas, colours, sun, "conifers", "#1f4257")
    for _ in range(420):
        size = canvas.between(0.8, 3.6)
        place = canvas.between(0, WIDTH), canvas.between(0, HEIGHT)
        canvas.ellipse(place, size, size, "#f7fbff")


def bloom(canvas: Canvas, centre: Point, radius: float, fill: Colour, eye: Colour) -> None:
    petals(canvas, centre, radius, 8, fill, canvas.between(0, 45))
    canvas.ellipse(centre, radius * 0.26, radius * 0.24, eye)


def meadow(canvas: Canvas, colours: Palette, flowers: Palette) -> None:
    """Tall grass in front of a line of trees, with flowers that grow towards the viewer."""
    far, near, light = colours[0], colours[1], colours[2]
    canvas.glow((canvas.between(300, 1300), 220), 620, light, 0.8)
    for depth in (0, 1):
        line = ridge(canvas, 440 + depth * 50, 34)
        fill = mix(far, near, 0.2 + depth * 0.25)
        for x, y in line[::3]:
            broadleaf(canvas, (x, y + 30), canvas.between(90, 190), fill)
        ground(canvas, line, fill)
    canvas.haze(380, 600, light, 0.35)
    for row in range(26):
        share = row / 25
        level = 540 + share**1.25 * 520
        for _ in range(92 - row * 2):
            foot = canvas.between(-20, WIDTH + 20), level + canvas.between(0, 26)
            shade = mix(mix(far, near, share), light, canvas.between(0, 0.3))
            blade = curve(
                foot, canvas.between(72, 108), 60 + share * 190, canvas.between(-40, 40), 7
            )
            canvas.line(blade, shade, 1.2 + share * 3.4)
            if canvas.between(0, 1) < 0.13:
                hue = canvas.random.choice(flowers)
                bloom(canvas, blade[-1], 6 + share * 40, hue, mix("#f0c33c", hue, 0.15))


def grove(canvas: Canvas, colours: Palette, birch: bool = False) -> None:
    """A walk between trunks, the leaves lit from behind."""
    far, near, light = colours[0], colours[1], colours[2]
    canvas.glow((WIDTH / 2, 430), 640, light, 0.95)
    canvas.blur(10)
    ground(canvas, ridge(canvas, 690, 14), mix(far, near, 0.45))
    canvas.polygon([(745, 668), (855, 668), (1240, 1010), (330, 1010)], mix(light, near, 0.32))
    for depth in range(6):
        share = depth / 5
        for side in (-1, 1):
            x = WIDTH / 2 + side * (90 + share**1.6 * 640 + canvas.between(-24, 24))
            foot, width = 684 + share**1.5 * 270, 12 + share * 62
            bark = "#ece7dc" if birch else mix(far, "#241a14", 0.35 + share * 0.5)
            bark = mix(bark, light, 0.4 * (1 - share))
            trunk = curve((x, foot), 90 + side * canvas.between(-2, 4), 1100, side * 5)
            canvas.line(trunk, bark, width)
            canvas.line([(p[0] + width * 0.3, p[1]) for p in trunk], mix(bark, "#14110f", 0.25),
                        width * 0.36)  # fmt: skip
            if birch:
                for point in trunk[:-1]:
                    canvas.ellipse(towards(point, 0, canvas.between(-0.3, 0.3) * width),
                                   width * 0.2, width * 0.06, "#2d2a28")  # fmt: skip
            for tuft in range(3):
                centre = x + canvas.between(-190, 190), 60 + tuft * 88 * (1.1 - share)
                crown(canvas, centre, 80 + share * 110,
                      mix(colours[3 + (depth + tuft) % (len(colours) - 3)], light,
                          0.35 * (1 - share)))  # fmt: skip
    for _ in range(260):
        place = canvas.between(0, WIDTH), canvas.between(720, HEIGHT)
        fill = canvas.random.choice(colours[3:])
        leaf(canvas, place, canvas.between(0, 360), canvas.between(10, 26), 10, fill)
