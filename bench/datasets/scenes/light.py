"""The colours and the light of a scene: the palette of all objects, the sun, and the haze."""

from dataclasses import dataclass

import numpy as np

from bench.datasets.scenes.geometry import Colour

# Vehicles, clothes, facades, fences and signs share this palette, so that a network cannot tell classes or
# instances apart by colour.
PALETTE: tuple[Colour, ...] = (
    (178, 62, 54), (201, 118, 62), (214, 178, 92), (120, 142, 86), (70, 118, 104),
    (84, 132, 168), (62, 84, 138), (116, 84, 130), (224, 218, 204), (160, 158, 154),
    (104, 104, 108), (66, 68, 76), (146, 104, 78), (206, 164, 150),
)  # fmt: skip
SKIN: tuple[Colour, ...] = ((232, 190, 160), (198, 150, 118), (150, 104, 78), (98, 68, 54))
HAIR: tuple[Colour, ...] = ((48, 38, 34), (96, 70, 48), (170, 132, 84), (140, 138, 136))
LEAF: tuple[Colour, ...] = ((92, 122, 70), (110, 136, 78), (76, 108, 74), (128, 132, 74))
GLASS: Colour = (74, 92, 108)
DARK: Colour = (38, 38, 43)
METAL: Colour = (150, 152, 156)


@dataclass(frozen=True)
class Light:
    """The light of a scene.

    sun: a unit vector towards the sun.
    strength: how much the brightness of a face depends on its angle to the sun.
    haze: the colour of the haze.
    haze_depth: the distance in metres at which haze lowers contrast to 1/e.
    """

    sun: tuple[float, float, float]
    strength: float
    haze: Colour
    haze_depth: float

    def seen_colour(self, colour: Colour, depth: float, tone: float = 1.0) -> Colour:
        """A colour multiplied by the brightness ``tone``, and seen through ``depth`` metres of haze."""
        clear = float(np.exp(-depth / self.haze_depth))
        mixed = [clear * tone * c + (1 - clear) * h for c, h in zip(colour, self.haze, strict=True)]
        red, green, blue = (int(min(max(value, 0), 255)) for value in mixed)
        return red, green, blue

    def brightness(self, normal: tuple[float, float, float]) -> float:
        """The brightness of a face with this outward unit normal: 1 + strength * cos(angle to the sun)."""
        cosine = sum(a * b for a, b in zip(self.sun, normal, strict=True))
        return 1.0 + self.strength * cosine


def random_light(rng: np.random.Generator) -> Light:
    """A random direction and strength of the sun, and a random haze."""
    around, above = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.1)
    sun = (
        float(np.cos(above) * np.sin(around)),
        float(np.sin(above)),
        float(np.cos(above) * np.cos(around)),
    )
    haze = (int(rng.integers(196, 226)), int(rng.integers(204, 222)), int(rng.integers(206, 234)))
    return Light(sun, rng.uniform(0.15, 0.35), haze, rng.uniform(70, 160))


def pick_colour(rng: np.random.Generator, colours: tuple[Colour, ...] = PALETTE) -> Colour:
    """A random one of the colours, made slightly lighter or darker at random."""
    colour = colours[int(rng.integers(len(colours)))]
    tone = rng.uniform(0.85, 1.12)
    red, green, blue = (int(min(c * tone, 250)) for c in colour)
    return red, green, blue
