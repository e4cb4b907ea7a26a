"""The preferences: the screen that changes them, and what is put in force while the app runs."""

from textual import on
from textual.binding import Binding

from tui.config import SettingsError
from tui.config.found import find
from tui.config.settings import Settings, load_settings
from tui.config.writing import write_settings
from tui.keys import rebindable
from tui.panes.status_bar import StatusBar
from tui.parts.backing_up import BackingUpApp
from tui.screens.preferences import PreferencesScreen


class PreferringApp(BackingUpApp):
    """An app that looks and behaves as its settings say."""

    BINDINGS = [Binding("comma", "preferences", "Preferences", id="preferences")]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app.

        Args:
            settings: theme and keymap among them.
        """
        super().__init__(settings)
        self._amiss = self.use_keymap(settings.keymap)
        if settings.theme in self.available_themes:
            self.theme = settings.theme
        else:
            preferences = self._key_of("preferences")
            self._amiss += (
                f" There is no theme {settings.theme}; the preferences ({preferences}) have all of them."
            )

    def on_mount(self) -> None:
        """Say what is wrong with what was chosen."""
        if self._amiss:
            self._tell(self._amiss.strip(), "warning")

    def why_not(self, action: str) -> str | None:
        """Return why there is nothing to change; see `KeyedApp.why_not`."""
        if action == "preferences" and self._settings.found is None:
            return "These settings are made up, and of no file: there is nothing to change."
        return super().why_not(action)

    def action_preferences(self) -> None:
        """Open the preferences."""
        if why := self.why_not("preferences"):
            self._tell(why)
            return
        assert self._settings.found is not None
        self.clear_notifications()
        self.push_screen(
            PreferencesScreen(
                self._settings.found,
                self._background,
                themes=sorted(self.available_themes),
                actions=rebindable(type(self)),
            )
        )

    @on(PreferencesScreen.Changed)
    def _put_in_force(self, event: PreferencesScreen.Changed) -> None:
        before, self._settings = self._settings, event.settings
        now = event.settings
        if now.theme != self.theme and now.theme in self.available_themes:
            self.theme = now.theme
        if now.keymap != before.keymap:
            if amiss := self.use_keymap(now.keymap):
                self._tell(amiss, "warning")
            self.show_hints()
        self.query_one(StatusBar).show_remote(now.remote)
        self._sync_timer.every = now.every_minutes * 60
        if (now.remote, now.automatic) != (before.remote, before.automatic):
            self._sync_soon()
            self._ask_summary()
        self._back_up_later()

    def watch_theme(self, theme: str) -> None:
        """Keep a theme that was chosen in the palette."""
        found = self._settings.found
        if found is None or theme == self._settings.theme or not self.is_running:
            return

        def keep() -> None:
            try:
                write_settings(find(profile=found.profile, must_exist=False), {"theme": theme})
                self.post_message(PreferencesScreen.Changed("theme", load_settings(profile=found.profile)))
            except SettingsError as error:
                self.call_from_thread(self._tell, f"The theme is not kept: {error}", "warning")

        self._background.run("theme", lambda _: keep())
