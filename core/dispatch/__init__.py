"""Which provider makes a video, which job is next, and who has to wait."""
