"""The bot's own web server: linked videos, health and metrics."""
