"""What the public sees of the markets: depth, tape and tickers in memory, derived from events."""
