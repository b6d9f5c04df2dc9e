"""Everything Discord: a cog parses, asks the studio, shows a card."""
