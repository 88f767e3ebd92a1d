"""Floor 4: diagnostics to text, pure."""
