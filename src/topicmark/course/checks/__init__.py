"""One module per kind of fault. Each has ``check(course)``, which yields findings and changes nothing."""
