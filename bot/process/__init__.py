"""The process itself: clock, log, signals, watchdog."""
