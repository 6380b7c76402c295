"""Close-ups: ferns, flowers, rosettes and the herbarium sheet."""

from math import sqrt

from .drawing import HEIGHT, WIDTH, Canvas, Colour, Point, curve, leaf, mix, petals, towards
from .landscapes import Palette


def bokeh(canvas: Canvas, colours: Palette, count: int = 46) -> None:
    """Soft discs of light behind a close-up."""
    for _ in range(count):
        place = canvas.between(0, WIDTH), canvas.between(0, HEIGHT)
        radius = canvas.between(24, 120)
        canvas.ellipse(place, radius, radius, canvas.random.choice(colours))
    canvas.blur(26)


def frond(canvas: Canvas, start: Point, angle: float, length: float, fill: Colour) -> None:
    """One fern frond: leaflets in pairs that shrink towards a curled tip."""
    bend = canvas.between(-62, -34) if angle < 90 else canvas.between(34, 62)
    stem = curve(start, angle, length, bend, 40)
    for number, point in enumerate(stem[3:-1], 3):
        share = number / len(stem)
        way = angle + bend * share
        reach = length * 0.24 * (1 - share) ** 0.75 * min(1, share * 5 + 0.2)
        shade = mix(fill, "#e9f7b0", share * 0.28)
        for side in (-1, 1):
            leaf(canvas, point, way + side * (64 - share * 14), reach, reach * 0.26, shade)
    canvas.line(stem, mix(fill, "#2c2410", 0.35), length * 0.008)


def ferns(canvas: Canvas, colours: Palette) -> None:
    bokeh(canvas, (mix(colours[0], colours[2], 0.25), colours[0]), 30)
    canvas.glow((1050, 200), 620, colours[2], 0.4)
    for number in range(15):
        share = number / 14
        x = WIDTH / 2 + canvas.between(-560, 560)
        angle = 90 - (x - WIDTH / 2) / 16 + canvas.between(-26, 26)
        frond(
            canvas, (x, HEIGHT + 60), angle, 560 + share * 420, mix(colours[0], colours[1], share)
        )


def blossom(canvas: Canvas, colours: Palette, places: list[tuple[float, float, float]]) -> None:
    """Many-petalled flowers in front of a blurred border; `places` are x, y and radius."""
    petal, heart, green = colours[0], colours[1], colours[2]
    bokeh(canvas, (green, mix(green, petal, 0.4), mix(green, "#ffffff", 0.25)))
    for x, y, radius in places:
        canvas.line(curve((x, y), 270, 1000, canvas.between(-30, 30)), mix(green, "#16301c", 0.4),
                    radius * 0.08)  # fmt: skip
        for side in (200, 236, 300, 340):
            leaf(canvas, (x, y + radius * 0.5), side, radius * 1.7, radius * 0.5,
                 mix(green, "#17402a", 0.35))  # fmt: skip
        for ring in range(5):
            share = ring / 4
            size = radius * (1 - share * 0.62)
            petals(canvas, (x, y), size, 13 - ring, mix(petal, "#ffffff", share * 0.34), ring * 17)
        for seed in range(90):
            place = towards((x, y), seed * 137.5, radius * 0.022 * sqrt(seed))
            canvas.ellipse(place, radius * 0.022, radius * 0.022, mix(heart, "#ffffff", seed / 260))


def rosette(canvas: Canvas, colours: Palette, centre: Point, radius: float) -> None:
    """Leaves in a golden-angle spiral, as succulents grow, the oldest outside."""
    canvas.ellipse(centre, radius * 0.3, radius * 0.3, mix(colours[0], colours[1], 0.8))
    for number in range(150, 2, -1):
        share = sqrt(number / 150)
        angle = number * 137.508
        fill = mix(colours[0], colours[1], 1 - share)
        shade = mix(fill, "#10231f", 0.2 * (number % 3) / 2)
        base = towards(centre, angle, radius * 0.3 * share)
        leaf(canvas, base, angle, radius * (0.1 + 0.72 * share), radius * 0.34 * share, shade)
        tip = towards(base, angle, radius * (0.1 + 0.72 * share))
        canvas.ellipse(tip, radius * 0.014, radius * 0.014, colours[2])


def rosettes(canvas: Canvas, colours: Palette) -> None:
    gravel = mix(colours[0], "#cbbfae", 0.8)
    for _ in range(2600):
        place = canvas.between(0, WIDTH), canvas.between(0, HEIGHT)
        size = canvas.between(3, 11)
        canvas.ellipse(place, size, size * 0.8, mix(gravel, "#4b433c", canvas.between(0, 0.55)))
    for x, y, radius in ((1330, 190, 260), (240, 850, 300), (1380, 860, 220), (760, 470, 470)):
        canvas.ellipse((x + 14, y + 22), radius * 0.94, radius * 0.9, "#3a352f")
        rosette(canvas, colours, (x, y), radius)


def sunflower(canvas: Canvas, colours: Palette) -> None:
    petal, heart, green = colours[0], colours[1], colours[2]
    bokeh(canvas, (green, mix(green, "#d9e8a0", 0.4), mix(green, "#0d2a1b", 0.4)))
    centre = 860.0, 520.0
    for ring in range(3):
        petals(
            canvas, centre, 470 - ring * 46, 21, mix(petal, "#b65b0a", 0.3 - ring * 0.14), ring * 6
        )
    canvas.ellipse(centre, 226, 226, mix(heart, "#000000", 0.35))
    for seed in range(620):
        place = towards(centre, seed * 137.508, 8.9 * sqrt(seed))
        size = 3.2 + seed / 150
        canvas.ellipse(place, size, size, mix(heart, petal, (seed / 620) ** 3 * 0.8))


def herbarium(canvas: Canvas, colours: Palette, opposite: bool) -> None:
    """A pressed branch on a mounting sheet with its label and paper straps."""
    ink, green, fruit = colours[0], colours[1], colours[2]
    canvas.polygon([(250, 48), (1370, 40), (1376, 968), (244, 974)], "#c9bfa9")
    canvas.polygon([(240, 36), (1362, 30), (1366, 956), (234, 962)], "#f6f0e1")
    stem = curve((690, 880), 84, 760, canvas.between(-24, 34), 16)
    canvas.line(stem, mix(green, ink, 0.5), 8)
    for number, point in enumerate(stem[2:], 2):
        for side in (-1, 1) if opposite else ((-1) ** number,):
            way = 84 + side * canvas.between(42, 66)
            shade = mix(green, "#8a6a3c", canvas.between(0, 0.5))
            twig = towards(point, way, 26)
            canvas.line([point, twig], mix(green, ink, 0.5), 4)
            leaf(canvas, twig, way, 230 - number * 8, 100 - number * 3, shade)
        if number % 4 == 0:
            canvas.ellipse(towards(point, 84, 20), 15, 15, fruit)
    for number in (3, 9):
        x, y = stem[number]
        canvas.polygon(
            [(x - 60, y - 4), (x + 60, y - 12), (x + 60, y + 6), (x - 60, y + 14)], "#fffaf0"
        )
    canvas.polygon([(1030, 770), (1320, 770), (1320, 920), (1030, 920)], "#fffaf0")
    canvas.line([(1050, 806), (1300, 806)], ink, 5)
    for row in range(3):
        canvas.line(
            [(1050, 838 + row * 26), (1270 - row * 44, 838 + row * 26)],
            mix(ink, "#ffffff", 0.4),
            2.5,
        )


def seeds(canvas: Canvas, colours: Palette) -> None:
    """A sorting tray: every row another species."""
    for row in range(7):
        fill, length = colours[row % len(colours)], 34 + (row * 29) % 46
        for column in range(15):
            place = (
                75 + column * 103 + canvas.between(-9, 9),
                90 + row * 137 + canvas.between(-9, 9),
            )
            way = canvas.between(20, 160)
            canvas.ellipse((place[0] + 6, place[1] + 10), length * 0.55, length * 0.36, "#1a1613")
            start = towards(place, way + 180, length * 0.7)
            shade = mix(fill, "#ffffff", canvas.between(0, 0.2))
            leaf(canvas, start, way, length * 1.4, length * (0.5 + row % 3 * 0.22), shade)
