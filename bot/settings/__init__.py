"""Every setting: its name, its values, and what is wrong with it."""
