"""A cluster that is none: an API server in memory, a ``kubectl`` that asks it, and pods that are an embedded lab."""
