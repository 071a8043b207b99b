"""The Docker engine, and how what labs make of it is found again."""
