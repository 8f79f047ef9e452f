"""HTTP for all protocols: the server, the ASGI application and the way from a path to a protocol."""
