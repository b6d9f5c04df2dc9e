"""Gateway v10: connections and their sessions."""
