"""How the program talks to gateways: clients, addresses, keys, bytes."""
