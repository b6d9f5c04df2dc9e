"""A job's message, from the order to the finished video."""
