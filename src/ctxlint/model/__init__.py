"""Floor 0: values. Nothing here reads a file, parses a text or mutates after construction."""
