"""Everything on the disk: the database, the clips, the replies to paid requests, and backups."""
