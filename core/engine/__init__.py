"""Moves jobs: one step, one side effect, one save."""
