"""A whole venue with its people: wire, network, chain and wallet, simulated by seed."""
