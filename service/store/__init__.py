"""What survives the process: jobs, keys, caches, in SQLite on one machine or in PostgreSQL for several."""
