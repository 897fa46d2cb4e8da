"""The command line. Heavy imports stand inside the commands, so that `mujaz --help` is fast."""
