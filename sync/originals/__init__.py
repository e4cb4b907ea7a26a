"""Originals on the remote: sent, proved, brought back, and removed only when told to."""
