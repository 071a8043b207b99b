"""What can be seen of the lab and of programs, as data. Judges nothing."""
