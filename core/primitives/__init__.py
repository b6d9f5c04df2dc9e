"""Tools that know nothing about videos."""
