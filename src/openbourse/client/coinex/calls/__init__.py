"""A function for each endpoint, which makes its request. Written by `python -m tools.clients`."""
