"""What the app does on threads, so that the screen never waits."""
