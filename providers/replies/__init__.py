"""What gateways answer, read with care: outcomes, states, ids, links."""
