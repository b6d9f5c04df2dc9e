"""The local Discord, the local gateways and a page for both; it imports nothing of ours."""
