"""What a video job is, what is allowed, and how it moves; plain Python, nothing else."""
