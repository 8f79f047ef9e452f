"""The control API: how a program orders what a sandbox does."""
