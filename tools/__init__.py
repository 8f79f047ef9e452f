"""What developers of Openbourse run: the compiler of the core and the house rules."""
