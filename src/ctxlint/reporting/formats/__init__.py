"""The report formats, one module each: the module's name, with dashes, is the format's."""
