"""What was made once is not made again: sentence translations and whole briefs, until they expire or are deleted."""
