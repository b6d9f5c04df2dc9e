"""What `matinee doctor` looks at: this machine, Discord and the gateways. Nothing here costs anything."""
