"""The parts with which all features draw and answer."""
