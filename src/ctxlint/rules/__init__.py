"""Floor 3: one file a rule. Rules query the analysis; they never walk trees, read files or hold state."""
