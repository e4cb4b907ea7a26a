"""What is known about the photos on this device. Knows no S3 and no screen."""
