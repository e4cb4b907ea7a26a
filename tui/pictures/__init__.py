"""Photos on a terminal: how they are fetched and decoded behind the screen, and how they are drawn."""
