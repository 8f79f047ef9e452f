"""Typed clients for programs that trade: `coinex` and `coinw`, each for both worlds, sync and async.

They know the protocols and nothing else of this project, so they work against the original exchanges as
well: the address is the first thing that they are given. HTTP needs
`openbourse[client]`. See docs/how-to/clients.md.
"""
