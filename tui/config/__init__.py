"""Settings: where they come from, and what they may be."""


class SettingsError(Exception):
    """The configuration cannot be used; the text names the file, the key and the way out."""
