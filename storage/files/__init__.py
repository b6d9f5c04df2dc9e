"""Files: clips, pictures, replies to paid requests, keys, locks."""
