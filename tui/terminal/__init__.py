"""The terminal under the app: what it can do, what it shows, the fewest bytes that change that."""
