"""REST v10: each request is checked against Discord's rules, carried out and recorded."""
