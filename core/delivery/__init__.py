"""How a video reaches its member."""
