"""Photolala's own catalogs, beside the photos: read with all damage, written as the Mac app does."""
