"""What the venue owes its users, in a form that each of them can check."""
