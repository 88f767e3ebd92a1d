"""Floor 3: findings to edits to text."""
