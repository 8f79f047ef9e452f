"""The durable command log, snapshots, recovery, and the proof that they agree."""
