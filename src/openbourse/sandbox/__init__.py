"""Living markets for a sandbox; never part of a production venue."""
