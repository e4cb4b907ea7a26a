"""Finds photos in the catalog, by plain sqlite3."""
