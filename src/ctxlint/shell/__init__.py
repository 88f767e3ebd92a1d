"""Floor 5: configuration, discovery: all input and output."""
