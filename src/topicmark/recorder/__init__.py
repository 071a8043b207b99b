"""The flight recorder: a process of its own that keeps what passes through the course's topics, deleted records too."""

TOPICS = ("test", "test-redpanda", "INGESTION")
"""What it watches."""

STARTED = "recording"
ELSEWHERE = "recorded by another process already"
"""What it says of itself."""
