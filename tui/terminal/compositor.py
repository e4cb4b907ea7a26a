"""A screen that renders no more lines than have changed, and not before it is worth it.

For each update Textual renders all lines of each widget in the rectangle around what has changed: with a
cursor in the middle of a list and its position in the lower border, that is three panes. Here each run of
changed lines is rendered by itself, and what lies behind a widget that fills it is not rendered at all.
"""

from collections.abc import Iterable, Iterator, Mapping

import textual.screen
from textual._compositor import ChopsUpdate, Compositor, CompositorMap
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.terminal.in_turn import KeysInTurnApp


class BandCompositor(Compositor):
    """Textual's compositor, for bands of lines."""

    @property
    def full_map(self) -> CompositorMap:
        """Where each widget is, as Textual has it; what has changed since it last looked is painted.

        Once a hidden widget was refreshed, Textual 8.2.8 looks anew when the next place is asked for, and
        keeps that as what it has painted. A toast that was taken away just before is then no difference to
        the layout that follows, so that nothing is painted over it.
        """
        before = self._full_map
        now = super().full_map
        if now is not before:
            changed = (place.clip.intersection(place.region) for _, place in now.items() ^ before.items())
            self._dirty_regions.update(filter(None, changed))
        return now

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what has changed since the last time; None if nothing has."""
        dirty = [region.intersection(self.size.region) for region in self._dirty_regions]
        self._dirty_regions.clear()
        dirty = [region for region in dirty if region]
        if not dirty:
            return None
        chops: list[Mapping[int, Strip | None]] = [{}] * self.size.height
        for band in _bands(dirty):
            lines = slice(band.y, band.bottom)
            chops[lines] = self._render_chops(band, range(band.y, band.bottom).__contains__)[lines]
        return ChopsUpdate(chops, [*self._regions_to_spans(dirty)], [cuts[1:] for cuts in self.cuts])

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Yield (region, the same, lines) from front to back, until a widget fills what is to be rendered."""
        crop = crop or self.size.region
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            if seen.overlaps(crop):
                part = seen.intersection(Region(seen.x, crop.y, seen.width, crop.height))
                yield part, part, widget.render_lines(part.translate(-region.offset))
                if part.contains_region(crop):
                    return


def _bands(regions: Iterable[Region]) -> Iterator[Region]:
    """Yield regions that have no line in common, and no gap in them, from above."""
    band: Region | None = None
    for region in sorted(regions, key=lambda region: region.y):
        if band is not None and region.y > band.bottom:
            yield band
            band = None
        band = region if band is None else band.union(region)
    if band is not None:
        yield band


# what each screen makes for itself
textual.screen.Compositor = BandCompositor  # type: ignore[attr-defined]


class HeldScreen(Screen[None]):
    """A screen that can wait, as it does while keys wait to be handled.

    Attributes:
        held: whether nothing is painted for now; what has changed is kept for later.
    """

    held = False

    def _on_timer_update(self) -> None:
        hurried = isinstance(self.app, KeysInTurnApp) and self.app.keys_wait and not self._layout_required
        if self.held or hurried:
            self._update_timer.pause()
        else:
            super()._on_timer_update()


def hold_paint(widget: Widget, *, held: bool) -> None:
    """Have a widget's screen paint nothing for a moment, as more is about to change; or paint again.

    Args:
        widget: which sees to it that the moment ends.
        held: whether it begins.
    """
    screen = widget.screen
    if isinstance(screen, HeldScreen) and screen.held != held:
        screen.held = held
        screen.check_idle()
