"""From a member's words to a request that a model makes."""
