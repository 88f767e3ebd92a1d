"""Floor 2: the linked program, and what its code does to variables and tokens. Pure."""
