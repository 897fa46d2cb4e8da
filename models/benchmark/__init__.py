"""`mujaz bench`: the engine and its rivals on the same work, on this machine, in one run.

A plan (`plan.py`) names lines of work (`workloads.py`) and systems (`systems.py`). `runner.py` gives every measurement to a
fresh process (`worker.py`), in which one system is opened (`adapters.py`), warmed up and timed. `report.py` prints the table.
"""
