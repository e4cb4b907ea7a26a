"""The light of the day's hours: what it does to the sky, to near things and to far ones."""

from dataclasses import dataclass

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class Light:
    """The light of one hour, in one weather."""

    sky: tuple[Colour, ...]  # from the zenith down to the horizon
    haze: Colour  # what far things fade into
    tint: Colour  # what a white wall looks like
    sun: Colour  # or the moon

    def on(self, colour: Colour, far: float = 0.0) -> Colour:
        """Show a surface in this light.

        Args:
            colour: What it looks like at noon.
            far: 0.0 here, 1.0 lost in the haze.

        Returns:
            The colour to paint.
        """
        red, green, blue = (value * share // 255 for value, share in zip(colour, self.tint, strict=True))
        return mix((red, green, blue), self.haze, far)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Go from one colour towards another; a share of 0.0 is the one, 1.0 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _colours(text: str) -> tuple[Colour, ...]:
    """Read colours written as "3e548a 9694ba"."""
    return tuple((value >> 16, value >> 8 & 255, value & 255) for value in (int(w, 16) for w in text.split()))


def _light(sky: str, rest: str) -> Light:
    haze, tint, sun = _colours(rest)
    return Light(_colours(sky), haze, tint, sun)


#        zenith ................ horizon      haze   tint   sun
HOURS: dict[str, tuple[Light, ...]] = {
    "dawn": (
        _light("3e548a 9694ba eebeb8 ffdeba", "e2bebc bdaec7 ffecc8"),
        _light("5482a0 a8bec4 f6d6b4 ffc8a0", "d6ccc4 c7bdbd ffe6be"),
        _light("5a5496 b28cbe fab4be ffd6c8", "deb2c4 b89ecc ffe2d8"),
        _light("7d96a8 b9c6cb dcd9cf f0dcc0", "d3d3cd b4b7ba fff2da"),
    ),
    "day": (
        _light("1e5cb0 5c9ad8 bedcf0", "b2d0e8 fffffa fffcec"),
        _light("104290 3a7ec4 96c8e8", "96bede ffffeb fffae0"),
        _light("84a0ba b8cad6 e2e8ea", "ced8de dbe0eb faf8f4"),
        _light("408cbe 8cc4d6 dee6d8", "c4d8da fffdeb fffae6"),
    ),
    "golden": (
        _light("36609c 96a6b4 face8a ffba5c", "f4be80 ffd694 fff0be"),
        _light("605482 ce8878 ffb45a ffd478", "f0a670 ffc28e fff4c8"),
        _light("266e96 7ab2b0 eedc96 ffc46e", "e8cc96 ffe09e fff6ce"),
        _light("4a6a94 a49cae f0a890 ffcf9a", "e6b49c f4c2a0 ffecc6"),
    ),
    "dusk": (
        _light("1a1c4c 563478 ce5668 ff9654", "964e70 665276 ffd28c"),
        _light("122652 325484 be8c96 fab482", "706488 5c5c80 ffd6aa"),
        _light("28103c 822454 e8523e ffb046", "943c4e 70475c ffdc82"),
        _light("16304e 2e6a86 7cb4ac f4d69a", "5c8a94 4c626e ffeaba"),
    ),
    "night": (
        _light("06081c 0e183c 223662", "1e2e56 43548a f4f0de"),
        _light("0a061e 221446 54366e", "3a2a58 52467e faecdc"),
        _light("040e1a 08283a 1a505c", "143c4c 3c5c74 ecf4e8"),
    ),
}
"""For each hour of the day the lights that a photo taken then may have."""
