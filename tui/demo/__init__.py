"""The demo: photos that we draw ourselves, and an S3 server on this machine to sync them with."""
