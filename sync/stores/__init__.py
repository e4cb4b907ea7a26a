"""Where objects lie: an S3 bucket or a folder, behind one protocol."""
