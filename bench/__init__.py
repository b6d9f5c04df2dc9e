"""Measures the bot against the straightforward way of doing the same."""
