"""Links to videos and pictures, and who may open them."""
