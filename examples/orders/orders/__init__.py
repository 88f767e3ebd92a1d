"""A small order service: connections bring requests, jobs run in the background, all of it in memory."""
