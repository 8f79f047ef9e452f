"""`python -m openbourse.cli ...` is `openbourse ...`."""

from openbourse.cli import main

main()
