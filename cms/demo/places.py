"""Scenes of the garden itself: the glasshouse, the pond and the plan seen from above."""

from math import cos, pi, sin

from .drawing import HEIGHT, WIDTH, Canvas, Point, curve, leaf, mix, petals, towards
from .landscapes import Palette, broadleaf, crown, ground, ridge


def arch(centre: float, base: float, half: float, rise: float) -> list[Point]:
    return [
        (centre - half * cos(pi * step / 24), base - rise * sin(pi * step / 24))
        for step in range(25)
    ]


def palm(canvas: Canvas, foot: Point, height: float, fill: str) -> None:
    trunk = curve(foot, 90, height, canvas.between(-16, 16))
    canvas.line(trunk, mix(fill, "#3b2a1c", 0.5), height * 0.05)
    for angle in range(-30, 211, 20):
        spread = curve(trunk[-1], angle, height * 0.5, (90 - angle) * -0.55, 8)
        canvas.line(spread, fill, height * 0.022)
        for point in spread[2:]:
            for side in (-50, 50):
                canvas.line(
                    [point, towards(point, angle + side - 20, height * 0.1)], fill, height * 0.016
                )


def bay(canvas: Canvas, colours: Palette, centre: float, half: float, rise: float) -> None:
    """One glazed bay: an arch on a low wall, panes, ribs and the plants behind the glass."""
    glass, iron, green = colours[0], colours[1], str(colours[2])
    base, eaves = 800.0, 560.0
    outline = [(centre - half, base), *arch(centre, eaves, half, rise), (centre + half, base)]
    canvas.polygon(outline, glass)
    with canvas.inside(outline):
        for number in range(int(half / 46)):
            x = centre - half + 40 + number * 88 + canvas.between(-12, 12)
            palm(canvas, (x, base), canvas.between(0.42, 0.8) * (240 + rise * 0.55), green)
    for share in (0.25, 0.5, 0.75, 1):
        ribs = arch(centre, eaves, half * share, rise)
        canvas.line([(ribs[0][0], base), *ribs, (ribs[-1][0], base)], iron, 5 if share < 1 else 11)
    for level in (620, 700):
        canvas.line([(centre - half, level), (centre + half, level)], iron, 4)
    canvas.line([(centre, eaves - rise), (centre, base)], iron, 5)
    canvas.polygon([(centre - half - 8, base - 46), (centre + half + 8, base - 46),
                    (centre + half + 8, base + 8), (centre - half - 8, base + 8)],
                   mix("#b98d6f", iron, 0.25))  # fmt: skip
    canvas.ellipse((centre, eaves - rise - 12), 12, 16, iron)


def glasshouse(canvas: Canvas, colours: Palette, hour: float) -> None:
    """The palm house behind its lawn; `hour` from 0 (day) to 1 (dusk) lights it from inside."""
    lawn = mix("#6f9a55", "#16302c", hour * 0.7)
    light = mix("#fdf6d8", "#ffb257", hour)
    canvas.glow((800, 420), 760, light, 0.75)
    line = ridge(canvas, 700, 26)
    for x, y in line[::5]:
        broadleaf(canvas, (x, y + 60), canvas.between(170, 300), mix(colours[2], lawn, 0.5))
    ground(canvas, line, mix(lawn, "#0f2a1e", 0.35))
    lit = (mix(colours[0], "#ffcf7a", hour), *colours[1:])
    for centre, half, rise in ((330, 200, 130), (1270, 200, 130), (800, 330, 350)):
        bay(canvas, lit, centre, half, rise)
    ground(canvas, [(x, 806) for x in range(-20, WIDTH + 40, 40)], lawn)
    canvas.polygon(
        [(760, 806), (840, 806), (1010, 1010), (590, 1010)], mix("#e6d8b8", lawn, hour * 0.6)
    )
    for side in (-1, 1):
        for row in range(7):
            share = row / 6
            place = 800 + side * (86 + share * 190), 824 + share * 180
            crown(canvas, place, 20 + share * 44, mix("#2f6b45", "#0e2724", hour * 0.6))
            petals(canvas, (place[0], place[1] - 6 - share * 10), 12 + share * 22, 9,
                   colours[3 + row % (len(colours) - 3)])  # fmt: skip


def lily(canvas: Canvas, centre: Point, radius: float, fill: str) -> None:
    for ring in range(3):
        petals(
            canvas,
            centre,
            radius * (1 - ring * 0.24),
            11 - ring,
            mix(fill, "#ffffff", ring * 0.2),
            ring * 16,
        )
    canvas.ellipse(centre, radius * 0.17, radius * 0.17, "#f2c230")


def pond(canvas: Canvas, colours: Palette, flower: str) -> None:
    """Water seen from its edge, with pads that grow towards the viewer."""
    light, pad = colours[2], colours[1]
    canvas.glow((1080, 180), 700, light, 0.6)
    for _ in range(150):
        y = canvas.between(0, HEIGHT)
        reach = canvas.between(40, 260) * (0.4 + y / HEIGHT)
        place = canvas.between(0, WIDTH), y
        canvas.ellipse(
            place, reach, 1.5 + y / 400, mix(colours[0], light, canvas.between(0.05, 0.4))
        )
    for row in range(9):
        share = row / 8
        for _ in range(8 - row // 2):
            rx = (46 + share * 150) * canvas.between(0.8, 1.15)
            x, y = canvas.between(-60, WIDTH + 60), 110 + share**1.2 * 860 + canvas.between(-24, 24)
            fill = mix(pad, canvas.random.choice(("#7fae4e", "#2f6d52", "#a8893f")), 0.35)
            canvas.ellipse((x + 4, y + rx * 0.07), rx, rx * 0.42, mix(colours[0], "#06161a", 0.45))
            canvas.ellipse((x, y), rx, rx * 0.4, fill)
            for angle in range(0, 360, 30):
                edge = (x + rx * 0.9 * cos(angle * pi / 180), y + rx * 0.36 * sin(angle * pi / 180))
                canvas.line([(x, y), edge], mix(fill, "#ffffff", 0.16), 1 + share * 1.5)
            notch = [(x, y), (x + rx * 1.05, y - rx * 0.1), (x + rx * 1.05, y + rx * 0.12)]
            canvas.polygon(notch, mix(colours[0], light, 0.12))
            if canvas.between(0, 1) < 0.3:
                lily(canvas, (x - rx * 0.1, y - rx * 0.12), rx * 0.5, flower)


def plan(canvas: Canvas, colours: Palette) -> None:
    """The garden from above: beds in arcs around the fountain, the pond and the trees."""
    path, water = colours[0], colours[1]
    centre = 640.0, 520.0
    for ring in range(6, 0, -1):
        reach = 80 + ring * 68
        canvas.ellipse(centre, reach, reach, path)
        canvas.ellipse(centre, reach - 18, reach - 18, colours[2 + ring % 3])
    for spoke in range(0, 360, 45):
        canvas.line([centre, towards(centre, spoke, 490)], path, 20)
    for number in range(340):
        place = towards(centre, number * 137.508, 112 + 19 * number**0.5)
        if number % 5:
            petals(canvas, place, 13, 7, colours[5 + number % (len(colours) - 5)], number * 20)
    canvas.ellipse(centre, 88, 88, path)
    canvas.ellipse(centre, 56, 56, water)
    canvas.line(curve((1130, 520), 20, 620, -70), path, 30)
    for x, y, size in ((1330, 760, 170), (1450, 690, 110), (1230, 830, 110)):
        canvas.ellipse((x, y), size, size * 0.72, water)
    for number in range(46):
        place = canvas.between(1090, 1590), canvas.between(20, 440)
        crown(canvas, place, canvas.between(26, 62), mix("#2f6b45", "#9a8a34", number % 4 / 6))
    for row in range(5):
        top = 60 + row * 46
        canvas.polygon([(40, top), (210, top), (210, top + 26), (40, top + 26)], "#8b6b4a")
        for column in range(9):
            leaf(canvas, (52 + column * 18, top + 22), 90, 22, 12, "#4f8a4a")
