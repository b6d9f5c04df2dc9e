"""`/settings`, `/help` and `/privacy`."""
