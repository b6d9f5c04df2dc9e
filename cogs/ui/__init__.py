"""What all features draw and answer with."""
