"""Typed clients for both protocols."""
