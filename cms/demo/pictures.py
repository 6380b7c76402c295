"""The 24 pictures of the demo: which scene, in which colours, with which words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import landscapes, places, plants

SITE, PRESS = "Site pictures", "Press archive"


@dataclass(frozen=True)
class Picture:
    """`sky` are the colours behind the scene from top to bottom; `alt` is its description."""

    slug: str
    title: str
    alt: str
    tags: tuple[str, ...]
    sky: tuple[str, ...]
    scene: Callable[..., None]
    details: tuple[Any, ...]
    seed: int = 2
    collection: str = SITE


PANES = ("#d5ebe6", "#2f5a4c", "#3f7d52", "#d9486e", "#f2c230", "#f4efe6")
MEADOW = ("#8fb38a", "#2e5f2f", "#fdf3bf")
HAY = ("#c9a95f", "#7a5a26", "#ffe9b0")
BORDER = [(1250, 330, 170), (330, 720, 210), (800, 480, 340)]
DRIFT = [(260, 300, 130), (1330, 250, 150), (1180, 740, 200), (640, 560, 250), (180, 800, 150)]

PICTURES = (
    Picture("palm-house-morning", "Palm house in the morning",
            "Three glass domes with palms behind the panes, seen across a lawn in morning light",
            ("glasshouse", "architecture"), ("#9cc4dc", "#dcebe6"),
            places.glasshouse, (PANES, 0.0)),
    Picture("palm-house-dusk", "Palm house at dusk",
            "The palm house lit from inside against a violet evening sky",
            ("glasshouse", "architecture", "evening"), ("#1d2b4a", "#6a4a6e", "#e08a5a"),
            places.glasshouse, (("#d5ebe6", "#22392f", "#2d5a40", *PANES[3:]), 1.0)),
    Picture("autumn-walk", "Autumn walk in the arboretum",
            "A path between tall trunks under orange and red leaves",
            ("trees", "autumn"), ("#f7e3a8", "#d9b36a"), landscapes.grove,
            (("#c9a25c", "#4a3a22", "#fff0b8", "#d9822b", "#c4552a", "#e8b23a"),), 6),
    Picture("birch-grove", "Birch grove in May",
            "White birch trunks on both sides of a pale path under fresh green leaves",
            ("trees", "spring"), ("#e6f1dd", "#a9c99a"), landscapes.grove,
            (("#a3c08e", "#2e4f35", "#fbfbe0", "#8bb65a", "#5d9a4e", "#b9cf6a"), True), 9),
    Picture("fern-gully", "Fern gully",
            "Light green fern fronds overlapping in front of a dark background",
            ("ferns", "glasshouse"), ("#0c2a22", "#123a2b", "#0a1f1a"),
            plants.ferns, (("#14402e", "#5ea35a", "#bfe08a"),)),
    Picture("dahlia-border", "Pink dahlias",
            "Three large pink dahlias with yellow centres in front of a blurred green border",
            ("flowers", "summer"), ("#264f3c", "#3c7350"),
            plants.blossom, (("#c9406f", "#f0c33c", "#4d8a5c"), BORDER)),
    Picture("pale-dahlias", "Pale dahlias",
            "Cream-coloured dahlias of different sizes in soft light",
            ("flowers", "summer"), ("#53806a", "#7a9a80"),
            plants.blossom, (("#efd9b4", "#e0a33c", "#6a9a78"), DRIFT), 5),
    Picture("marigold-trial", "Marigolds in the trial bed",
            "Orange marigolds with yellow centres in a green bed",
            ("flowers", "research"), ("#2d5a36", "#4a7d3f"),
            plants.blossom, (("#e8741e", "#f5cf3c", "#5a9348"), DRIFT[::-1]), 7),
    Picture("blue-asters", "Asters in October",
            "Violet asters with open yellow centres against a cool green background",
            ("flowers", "autumn"), ("#33485f", "#4f7566"),
            plants.blossom, (("#6a5fc0", "#f3c648", "#55807a"),
                             [(1100, 560, 300), (420, 360, 220), (640, 830, 180)]), 11),
    Picture("alpine-rosettes", "Alpine rosettes",
            "Blue-green rosettes growing tightly on pale gravel, seen from above",
            ("alpine", "succulents"), ("#a99f92", "#8a8177"),
            plants.rosettes, (("#3f7a72", "#bfe0c0", "#c4456a"),)),
    Picture("houseleeks", "Houseleeks",
            "Houseleeks with dark red tips on dry gravel, seen from above",
            ("alpine", "succulents"), ("#b3a48f", "#8f7f6c"),
            plants.rosettes, (("#8a3a45", "#c3cf86", "#4a1526"),), 8),
    Picture("sunflower", "Sunflower",
            "A sunflower whose seeds form crossing spirals",
            ("flowers", "summer", "learning"), ("#5f8f4e", "#2e5a3a"),
            plants.sunflower, (("#f5b81f", "#5a3216", "#5f8f4e"),)),
    Picture("herbarium-cornel", "Herbarium sheet: cornelian cherry",
            "A pressed branch with opposite leaves and red fruit on a mounting sheet",
            ("herbarium", "research"), ("#7a6650", "#5f4e3c"),
            plants.herbarium, (("#3a2c20", "#5b7a45", "#a3312e"), True)),
    Picture("herbarium-alder", "Herbarium sheet: alder",
            "A pressed twig with alternate leaves and a written label on a mounting sheet",
            ("herbarium", "research"), ("#4f5f63", "#3a474b"),
            plants.herbarium, (("#2c2a24", "#6f7440", "#4a3424"), False), 4),
    Picture("seed-tray", "Seeds on the sorting tray",
            "Seeds of seven shapes and colours in rows on a dark tray",
            ("seeds", "research"), ("#3a322b", "#2c2621"),
            plants.seeds, (("#c79a5b", "#8a4b2c", "#e3cfa0", "#5b3a2a", "#a3762f"),)),
    Picture("water-lily-pond", "Lily pond",
            "Pink water lilies and round leaves on dark blue water",
            ("water", "flowers"), ("#4f8fa0", "#1d4f5c"),
            places.pond, (("#2f6f7c", "#4f8a4f", "#d8efe6"), "#e58aa8")),
    Picture("garden-plan", "Garden plan",
            "The garden from above: flower beds in rings around a fountain, a wood and a pond",
            ("map", "visiting"), ("#8fb56b", "#7ba65c"),
            places.plan, (("#e9dcc0", "#6fb0c0", "#8fb56b", "#5f9a58", "#a3c47a",
                           "#d9486e", "#f2c230", "#f4efe6", "#8a5fb0"),)),
    Picture("ridge-morning", "Morning over the hills",
            "Wooded hills one behind the other in morning mist under a low sun",
            ("landscape", "trees"), ("#f6d9b8", "#f3e6cf", "#cfe0d8"),
            landscapes.hills, (("#a9c3bd", "#21453a", "#ffe9bd"), (1120, 250)), 3),
    Picture("winter-morning", "Winter morning",
            "Snowy hills with firs under a pale sun, with snow falling",
            ("landscape", "winter"), ("#8ea6bf", "#cdd9e4", "#f2efec"),
            landscapes.snow, (("#b9c8d6", "#eef3f7", "#fff5e4"), (1180, 260)), 5),
    Picture("june-meadow", "River meadow in June",
            "Pink, white, violet and orange flowers in tall grass in front of trees",
            ("meadow", "summer", "wildlife"), ("#bfe0ea", "#f4f1d8"),
            landscapes.meadow, (MEADOW, ("#c8386a", "#f2efe6", "#7a4fa0", "#e87f3a")), 4),
    Picture("golden-meadow", "Late summer on the meadow",
            "Red and white flowers in tall dry grass in golden evening light",
            ("meadow", "autumn", "wildlife"), ("#e9c58a", "#f7e7c0"),
            landscapes.meadow, (HAY, ("#b5532c", "#f3ead2", "#8a4a5f")), 12),
    Picture("press-ridge-dawn", "Press: the ridge before sunrise",
            "Blue hills with firs, one behind the other, at first light",
            ("press", "landscape"), ("#6c8fb0", "#b9cfdc", "#f0e4d4"),
            landscapes.hills, (("#93aebd", "#1f3a3f", "#fff3dd"), (420, 300), "conifers"),
            8, PRESS),
    Picture("press-palm-house", "Press: palm house after the restoration",
            "The restored palm house with newly planted beds in pale evening light",
            ("press", "architecture"), ("#c9b7d6", "#f3d9c4"),
            places.glasshouse, (("#e9efe2", "#5a4a5f", "#4a7d5f", "#f4efe6", "#c9406f"), 0.3),
            6, PRESS),
    Picture("press-lotus", "Press: lotus in the east pond",
            "Yellow lotus flowers and round leaves on green water in the evening",
            ("press", "water"), ("#7f8f5a", "#27483c"),
            places.pond, (("#3d6a52", "#6f8f3f", "#f3e6b8"), "#f0d060"), 9, PRESS),
)  # fmt: skip
