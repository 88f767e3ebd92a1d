"""Why something is reported or not: the sites of a file, the verdict on each, and the reasons."""
