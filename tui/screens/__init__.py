"""What lies over the main screen until it is left."""
