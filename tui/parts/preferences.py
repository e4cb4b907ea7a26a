"""What a person prefers: the theme and the keys are put in force, and a theme that is chosen is kept."""

from tui.config.settings import Settings
from tui.parts.backing_up import BackingUpApp


class PreferringApp(BackingUpApp):
    """An app that looks and listens as its settings say."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the app.

        Args:
            settings: theme and keymap among them.
        """
        super().__init__(settings)
        self._told_of_keys = self.use_keymap(settings.keymap)

    def on_mount(self) -> None:
        """Say what is wrong with the keys that were chosen."""
        if self._told_of_keys:
            self._tell(self._told_of_keys, "warning")
