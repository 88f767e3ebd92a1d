"""Floor 1: text to facts. The only user of a parser."""
