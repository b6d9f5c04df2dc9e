"""REST v10: what is asked, checked by Discord's rules, done and recorded."""
