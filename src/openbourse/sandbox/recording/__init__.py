"""Recordings of what a client sent and got, and their replay against another venue."""
