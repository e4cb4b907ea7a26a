"""Reads photo files: what their bytes tell, and their pixels."""
