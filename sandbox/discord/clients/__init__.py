"""People at their clients: what they see, press, fill in and say."""
