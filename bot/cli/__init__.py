"""The commands of `matinee`."""
