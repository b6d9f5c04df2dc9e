"""What the measurements run against: gateways, a Discord, simulated tasks."""
