"""Floor 1: what is known of libraries, as data."""
