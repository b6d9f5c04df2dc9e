"""A job's message, from the first word to the finished video."""
