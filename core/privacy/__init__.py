"""What is stored about a member: shown, exported and erased."""
