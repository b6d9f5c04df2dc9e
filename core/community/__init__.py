"""What a server makes together: prompt channels and the gallery."""
