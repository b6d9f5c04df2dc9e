"""Jobs, money and notes in the SQLite database."""
