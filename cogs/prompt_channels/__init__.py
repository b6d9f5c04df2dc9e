"""Channels in which every message is a prompt, and their settings."""
