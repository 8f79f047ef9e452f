"""CoinEx API v2 over WebSocket (reference/coinex/websocket.md, cited in here as "ws §")."""
