"""Puts the program together: the parts, and what each is given."""
