"""`mujaz doctor`: is everything there that serving needs, does it fit together, and what is to be done where it does not."""
