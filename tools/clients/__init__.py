"""Writes the typed CoinEx client from the table of endpoints that the server is made of."""
