"""What is left out on purpose: by comments in the code, and by a baseline of what is known already."""
