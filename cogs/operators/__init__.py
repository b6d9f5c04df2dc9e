"""Alerts to operators."""
