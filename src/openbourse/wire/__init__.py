"""The foreign protocols; the only rooms that know their names."""
