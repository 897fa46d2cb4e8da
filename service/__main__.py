"""`python -m service` is `mujaz`."""

from service.cli.main import main

main()
