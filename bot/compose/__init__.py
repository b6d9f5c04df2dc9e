"""Puts the program together: which part is given what."""
