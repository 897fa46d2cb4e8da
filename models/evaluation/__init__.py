"""What `mujaz eval` measures: rows of labelled files, and figures with their confidence intervals; a file for each subject."""
