"""How gateways are spoken to: clients, addresses, keys, bytes."""
