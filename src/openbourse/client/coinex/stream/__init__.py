"""CoinEx API v2 over WebSocket: typed pushes through reconnects, and books that the exchange confirms."""
