"""Members' pictures, checked and converted before a gateway sees them."""
