"""The CoinW protocol."""
