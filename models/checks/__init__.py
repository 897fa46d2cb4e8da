"""What can be wrong with a brief, told from its article: a file for each check, and one that runs them all."""
