"""A whole class at once: one grading run per hand-in, several side by side, and what a teacher reads afterwards."""
