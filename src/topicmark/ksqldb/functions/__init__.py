"""The functions of ksqlDB that the embedded one runs, by kind, and the names of all others, to refuse them by name."""
