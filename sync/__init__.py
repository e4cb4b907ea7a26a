"""Keeps a catalog and a remote the same. Knows no screen."""
