"""`mujaz bench --service`: what is left of the engine's throughput behind HTTP, and how long a reader waits beside bulk work."""
