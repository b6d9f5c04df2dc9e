"""The stores without a disk: the same promises, for as long as the process lives."""
