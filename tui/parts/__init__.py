"""The app's parts: each one behaviour, with the keys and the messages that belong to it."""
