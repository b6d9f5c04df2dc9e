"""The process: settings, logs, composition, the command line."""
