"""The documented routes of each gateway."""
