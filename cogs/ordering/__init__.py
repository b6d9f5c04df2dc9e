"""`/video` and `/animate`: from options to an order."""
