"""The scan of a folder: what lies there, what is new, what has moved."""
