"""Finished clips, from a gateway to a whole file on the disk."""
