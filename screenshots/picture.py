"""Pictures of a screen as a good terminal draws it: cell by cell, with no gap or seam between them."""

from __future__ import annotations

import contextlib
import subprocess
import unicodedata
from functools import cache
from html import escape
from itertools import groupby, product
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyte

Fill: TypeAlias = tuple[int, int, int, int, str]  # left, top, right and bottom edge, colour
FOREGROUND, BACKGROUND, BAR, BORDER, TITLE = "#d8dbe2", "#12141a", "#22252e", "#3a3e4a", "#9a9fad"
DOTS = ("#ff5f57", "#febc2e", "#28c840")
NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
PLAIN = ("#1d2028", "#d9545c", "#6fb35c", "#d3a04d", "#2f6fc4", "#b065c4", "#2f9fb0", "#d0d3da")
BRIGHT = ("#5c6370", "#ff7b7f", "#a9dc7f", "#ffd080", "#7fb6ff", "#dda0ee", "#7fd6e0", "#ffffff")
PALETTE = dict(zip((*NAMES, *(f"bright{name}" for name in NAMES)), PLAIN + BRIGHT, strict=True))
PALETTE["bfightmagenta"] = PALETTE["brightmagenta"]  # as pyte spells it

CORNERS = ((0, 0, 4, 4), (4, 0, 8, 4), (0, 4, 4, 8), (4, 4, 8, 8))  # in eighths of a cell, as are all blocks
BLOCKS = {c: [box for n, box in enumerate(CORNERS) if k >> n & 1] for k, c in enumerate("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█", 1)}
BLOCKS |= {"▔": [(0, 0, 8, 1)], "▕": [(7, 0, 8, 8)]}
BLOCKS |= {char: [(0, 8 - n, 8, 8)] for n, char in enumerate("▁▂▃▄▅▆▇", 1)}
BLOCKS |= {char: [(0, 0, n, 8)] for n, char in enumerate("▏▎▍▌▋▊▉", 1)}
SHADES = {"░": 64, "▒": 128, "▓": 192}
ARCS = {"╭": (1, 1), "╮": (-1, 1), "╯": (-1, -1), "╰": (1, -1)}
SIDES = {"UP": "u", "DOWN": "d", "LEFT": "l", "RIGHT": "r", "VERTICAL": "ud", "HORIZONTAL": "lr"}
WEIGHTS = {"LIGHT": 1, "SINGLE": 1, "HEAVY": 2, "DOUBLE": 3}
FACES = (
    [f"DejaVuSansMono{face}.ttf" for face in ("", "-Bold", "-Oblique", "-BoldOblique")],
    [f"LiberationMono-{face}.ttf" for face in ("Regular", "Bold", "Italic", "BoldItalic")],
)
SPARES = ("DejaVuSans.ttf", "DroidSansFallbackFull.ttf", "NotoSansCJK-Regular.ttc", "unifont.ttf")
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts")


class Cell(NamedTuple):
    """A character, in one column or two, with its colours worked out."""

    x: int
    y: int
    width: int
    fg: str
    bg: str
    text: str
    char: pyte.screens.Char


def read_cells(screen: pyte.Screen) -> Iterator[Cell]:
    """Give the cells of a screen, with a block for its cursor."""
    for y, x in product(range(screen.lines), range(screen.columns)):
        row, char = screen.buffer[y], screen.buffer[y][x]
        if not char.data:
            continue  # the other half of a wide character
        fg = FOREGROUND if char.fg == "default" else PALETTE.get(char.fg, f"#{char.fg}")
        bg = BACKGROUND if char.bg == "default" else PALETTE.get(char.bg, f"#{char.bg}")
        if char.reverse != (not screen.cursor.hidden and (x, y) == (screen.cursor.x, screen.cursor.y)):
            fg, bg = bg, fg
        width = 1 if x + 1 == screen.columns or row[x + 1].data else 2
        yield Cell(x, y, width, fg, bg, char.data, char)


class Window:
    """Where things lie in a picture: a title bar, and under it the cells, within a margin."""

    def __init__(self, screen: pyte.Screen, w: int) -> None:
        self.w, self.h, self.bar = w, 2 * w, 3 * w
        self.columns, self.rows = screen.columns, screen.lines
        self.size = (self.columns + 2) * w, self.bar + self.rows * self.h + w // 2
        self.dots = [2 * w + dot * 8 * w // 5 for dot in range(3)]

    def place(self, cell: Cell) -> tuple[int, int]:
        """Give the upper left corner of a cell."""
        return (cell.x + 1) * self.w, self.bar + cell.y * self.h

    def fills(self, cell: Cell) -> Iterator[Fill]:
        """Give the cell's background, which spills into the margin, and its underline."""
        # half a photo's pixel must not grow
        (x, y), spill, thin = self.place(cell), 0 if cell.text in "▀▄" else self.w, thickness(self.w)
        x1, y1, line = x + cell.width * self.w, y + self.h, y + self.h * 7 // 8
        right, bottom = cell.x + cell.width == self.columns, cell.y + 1 == self.rows
        yield x - spill * (cell.x == 0), y, x1 + spill * right, y1 + spill * bottom, cell.bg
        if cell.char.underscore:
            yield x, line - thin, x1, line, cell.fg


def thickness(w: int) -> int:
    """Give the thickness of a light line in a cell of this width."""
    return max(1, round(w / 9))


@cache
def shape(char: str, w: int, h: int) -> Image.Image | None:
    """Give the mask of a character that must fill its cell, a block or a line; None for any other."""
    mask, name = Image.new("L", (w, h), SHADES.get(char, 0)), unicodedata.name(char[0], "")
    if char in BLOCKS:
        for x0, y0, x1, y1 in BLOCKS[char]:
            mask.paste(255, (round(x0 * w / 8), round(y0 * h / 8), round(x1 * w / 8), round(y1 * h / 8)))
    elif char in ARCS:
        big = Image.new("L", (4 * w, 4 * h))
        points = [4 * side for point in arc(char, w, h) for side in point]
        ImageDraw.Draw(big).line(points, 255, 4 * thickness(w), "curve")
        mask = big.reduce(4)
    elif name.startswith("BOX DRAWINGS") and "DIAGONAL" not in name and "DASH" not in name:
        draw_box(mask, name)
    return mask if mask.getbbox() else None


def draw_box(mask: Image.Image, name: str) -> None:
    """Draw the arms that a box-drawing character's name tells of."""
    arms: dict[str, int] = {}
    weight, thin = 0, thickness(mask.width)
    for part in name.split(" AND "):
        weight = next((WEIGHTS[word] for word in part.split() if word in WEIGHTS), weight)
        arms |= {side: weight for word in part.split() for side in SIDES.get(word, "")}
    bars = {side: thin if weight == 1 else 3 * thin for side, weight in arms.items()}
    gaps = {side: thin for side, weight in arms.items() if weight == 3}
    for value, widths in (255, bars), (0, gaps):
        for side, width in widths.items():
            others = "ud" if side in "lr" else "lr"
            same, solid = (max(known.get(other, 0) for other in others) for known in (widths, bars))
            mask.paste(value, arm(side, mask.size, width, same or solid, over=same > 0))


def arm(side: str, size: tuple[int, int], width: int, bar: int, *, over: bool) -> tuple[int, int, int, int]:
    """Give the box from one side of the cell to the bar across its middle, or over it."""
    length, depth = size if side in "lr" else size[::-1]
    near, edge = (length - bar) // 2, (depth - width) // 2
    start, end = (0, near + bar * over) if side in "lu" else (near + bar * (not over), length)
    return (start, edge, end, edge + width) if side in "lr" else (edge, start, edge + width, end)


def arc(char: str, w: int, h: int) -> list[tuple[float, float]]:
    """Give the points of a rounded corner, which meets the straight lines of its neighbours."""
    thin, (right, down) = thickness(w), ARCS[char]
    x, y, r = (w - thin) // 2 + thin / 2, (h - thin) // 2 + thin / 2, w / 2
    bend = [(x + right * r * (t / 8) ** 2, y + down * r * (1 - t / 8) ** 2) for t in range(9)]
    return [(x, y + down * h), *bend, (x + right * w, y)]


def font_paths(char: str, face: int) -> Iterator[Path]:
    """Give the fonts that may have a character, the best first."""
    files = font_files()
    names = (family[index] for family in FACES for index in (face, face & 1, 0))
    yield from (files[name] for name in names if name in files)
    with contextlib.suppress(FileNotFoundError):
        command = ["fc-match", "--format", "%{file}", f"monospace:charset={ord(char):x}"]
        yield Path(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    yield from (files[name] for name in SPARES if name in files)


@cache
def font_files() -> dict[str, Path]:
    """Give the installed fonts by their file names."""
    return {path.name: path for folder in FOLDERS for path in Path(folder).expanduser().rglob("*.tt[cf]")}


@cache
def font_for(char: str, size: float, *, bold: bool = False, italic: bool = False) -> ImageFont.FreeTypeFont:
    """Give the first font that has a character, or the usual one if none has."""
    fonts: list[ImageFont.FreeTypeFont] = []
    for path in font_paths(char, bold + 2 * italic):
        with contextlib.suppress(OSError):  # a font of bitmaps may lack this size
            fonts.append(ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC))
            if bytes(fonts[-1].getmask(char)) != bytes(fonts[-1].getmask("\U0010fffe")):
                return fonts[-1]
    if not fonts:
        raise FileNotFoundError("No monospace font is installed. On Debian: apt-get install fonts-dejavu")
    return fonts[0]


@cache
def letter(char: str, w: int, h: int, size: int, *, bold: bool, italic: bool) -> Image.Image:
    """Give the mask of a letter in its cell, or in its two cells."""
    ascent, descent = font_for("0", size).getmetrics()
    font = font_for(char[0], size, bold=bold, italic=italic)
    if font.getlength(char) > 1.05 * w:
        font = font.font_variant(size=size * w / font.getlength(char))
    mask = Image.new("L", (w, h))
    place = round((w - font.getlength(char)) / 2), (h - ascent - descent) // 2 + ascent
    ImageDraw.Draw(mask).text(place, char, 255, font, anchor="ls")
    return mask


def rounded(size: tuple[int, int], radius: int, inset: int = 0) -> Image.Image:
    """Give the mask of a rectangle with rounded corners."""
    big = Image.new("L", (4 * size[0], 4 * size[1]))
    box = (4 * inset, 4 * inset, big.width - 4 * inset - 1, big.height - 4 * inset - 1)
    ImageDraw.Draw(big).rounded_rectangle(box, 4 * radius, 255)
    return big.reduce(4)


def save_png(screen: pyte.Screen, path: Path, *, title: str = "photolala", font_size: int = 18) -> None:
    """Draw a screen in a window, as a PNG with transparent corners."""
    font, cells = font_for("0", font_size), list(read_cells(screen))
    window = Window(screen, w := round(font.getlength("0")))
    image = Image.new("RGB", window.size, BACKGROUND)
    for x0, y0, x1, y1, colour in (fill for cell in cells for fill in window.fills(cell)):
        image.paste(colour, (x0, y0, x1, y1))
    for cell in cells:
        size, style = (cell.width * w, window.h), {"bold": cell.char.bold, "italic": cell.char.italics}
        mask = shape(cell.text, *size) or letter(cell.text, *size, font_size, **style)
        image.paste(cell.fg, window.place(cell), mask)
    image.paste(BAR, (0, 0, image.width, window.bar))
    ImageDraw.Draw(image).text((image.width / 2, window.bar / 2), title, TITLE, font, anchor="mm")
    for colour, x in zip(DOTS, window.dots, strict=True):
        image.paste(colour, (x - w // 2, (window.bar - w) // 2), rounded((w, w), w // 2))
    outline = rounded(image.size, w)
    image.paste(BORDER, mask=ImageChops.subtract(outline, rounded(image.size, w - 1, 1)))
    image.putalpha(outline)
    image.save(path, optimize=True)


def save_svg(screen: pyte.Screen, path: Path, *, title: str = "photolala") -> None:
    """Draw a screen in a window, as an SVG whose text can be selected."""
    window, cells = Window(screen, 10), list(read_cells(screen))
    (width, height), bar, title = window.size, window.bar, escape(title)
    backs, fronts, marks = [], [], []
    for cell in cells:
        (back, *lines), (x, y) = window.fills(cell), window.place(cell)
        backs.append(back)
        fronts += lines
        if cell.text in ARCS:
            points = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in arc(cell.text, 10, 20))
            marks.append(f'<polyline points="{points}" fill="none" stroke="{cell.fg}"/>')
        elif mask := shape(cell.text, 10, 20):
            fronts += runs(mask, x, y, cell.fg)
    marks += texts(cells, window)
    marks += [
        f'<circle cx="{x}" cy="15" r="5" fill="{dot}"/>' for x, dot in zip(window.dots, DOTS, strict=True)
    ]
    svg = f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
font-family='ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace' font-size="16.6">
<title>{title}</title>
<clipPath id="window"><rect width="{width}" height="{height}" rx="10"/></clipPath>
<g clip-path="url(#window)" shape-rendering="crispEdges">
<path fill="{BACKGROUND}" d="M0 0h{width}v{height}H0z"/>
<path fill="{BAR}" d="M0 0h{width}v{bar}H0z"/>
{paths(backs)}
{paths(fronts)}
</g>
<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9.5" fill="none" stroke="{BORDER}"/>
<text x="{width // 2}" y="{bar // 2 + 6}" fill="{TITLE}" text-anchor="middle">{title}</text>
{"".join(f"{mark}{chr(10)}" for mark in marks)}</svg>
"""
    path.write_text(svg, encoding="utf-8")


def runs(mask: Image.Image, x: int, y: int, colour: str) -> Iterator[Fill]:
    """Give the runs of pixels of which a mask consists; a shade is a colour that one can see through."""
    for row in range(mask.height):
        x1 = x
        for value, run in groupby(mask.crop((0, row, mask.width, row + 1)).tobytes()):
            x0, x1 = x1, x1 + len(list(run))
            if value:
                yield x0, y + row, x1, y + row + 1, colour if value == 255 else f"{colour}{value:02x}"


def paths(fills: list[Fill]) -> str:
    """Give a path for each colour, with neighbours made one, along the rows and then along the columns."""
    for _ in "xy":
        merged: list[Fill] = []
        for fill in sorted(fills, key=itemgetter(4, 1, 3, 0)):
            joins = merged and merged[-1][1:] == (fill[1], fill[0], *fill[3:])
            merged.append((merged.pop()[0], *fill[1:]) if joins else fill)
        fills = [(y0, x0, y1, x1, colour) for x0, y0, x1, y1, colour in merged]
    drawn: dict[str, str] = {}
    for x0, y0, x1, y1, colour in fills:
        drawn[colour] = drawn.get(colour, "") + f"M{x0} {y0}h{x1 - x0}v{y1 - y0}H{x0}z"
    return "\n".join(f'<path fill="{colour}" d="{path}"/>' for colour, path in drawn.items())


def texts(cells: list[Cell], window: Window) -> Iterator[str]:
    """Give the words, each of which keeps to its columns whatever the font is."""

    def style(cell: Cell) -> tuple[int, str, bool, bool, int]:
        run = -1 if cell.text == " " or shape(cell.text, 10, 20) else 0 if cell.text.isascii() else cell.x + 1
        return cell.y, cell.fg, cell.char.bold, cell.char.italics, run

    for (_, fg, bold, italic, run), group in groupby(cells, style):
        if run >= 0:
            word = list(group)
            (x, y), length = window.place(word[0]), sum(cell.width for cell in word) * 10
            face = ' font-weight="bold"' * bold + ' font-style="italic"' * italic
            text = escape("".join(cell.text for cell in word))
            yield f'<text x="{x}" y="{y + 15}" textLength="{length}" fill="{fg}"{face}>{text}</text>'
