"""Members at their Discord clients: what they see, press, fill in and write."""
