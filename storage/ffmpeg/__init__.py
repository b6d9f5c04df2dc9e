"""ffmpeg as a bounded child process."""
