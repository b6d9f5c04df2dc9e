"""When to ask a provider about a task, and whether an answer is about it."""
