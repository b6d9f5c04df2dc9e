"""`/jobs`, `/job`, `/queue`, `/usage`, `/models`."""
