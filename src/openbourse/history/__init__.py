"""What happened: orders, trades, candles and statements in a relational database, derived from events."""
