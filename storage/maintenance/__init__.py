"""Copies of the database, and whether a database is sound."""
