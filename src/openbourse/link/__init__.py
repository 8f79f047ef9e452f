"""The link: how gateway processes and the one engine process talk.

The engine process has the exchange, its log and everything that is written; gateways have the clients:
HTTP, WebSockets, signatures, JSON, fan-out. A gateway's protocols see a `remote.RemoteFront` where those of
a venue in one process see a `venue.front.VenueFront`: the same code serves both.

- **What has to be at hand** for every request is in the gateway, as a replica: keys, markets, assets, and
  the very `MarketData` that the engine has (`replica.py`). It begins with a snapshot when the gateway
  connects and follows the engine's stream: every applied command in order, each once, after it is durable.
  The snapshot comes in pieces, each when the one before has been read, however many keys and markets there
  are; each market is told as it is at its place in the stream.
- **What depends on the state** of accounts and books is a call: the method of a desk by its name, with its
  arguments (`calls.py`). The engine checks it as if it had come from inside. Answers of commands leave
  after the batch they were applied in, so whoever has an answer has a gateway that has seen its
  consequences.
- **When the engine dies**, calls under way end with OutcomeUnknown and are never repeated: a command that
  has reached the log will be carried out at the next start, whatever the client does. Until the gateway has
  a new snapshot everything else is Busy, with nothing done, and WebSockets are closed, as their pushes have
  a gap.
- **When a gateway dies**, its clients' connections end; what they had submitted is carried out. A gateway
  that does not read is cut off when `protocol.MAX_UNSENT` waits for it, and begins anew.
- **Limits of an account** are counted in the engine (`venue.quotas`), for the whole venue. Limits of an
  address are counted by each gateway: they ward off floods before anything is asked of the engine.
- **A key that was revoked**, edited, or whose owner was barred is known to every gateway before that is
  acknowledged (`server.EngineLink.settled`).
- **Public market data** of another gateway than one's own may be a moment behind; balances, orders and
  history never are, since they are asked of the engine.

Frames are a length and a JSON list of messages: those of one turn of the loop travel together. It is JSON,
as in the log, since money needs more than the 64 bits that MessagePack has. The socket lies in the data
directory and is its owner's alone.
"""
