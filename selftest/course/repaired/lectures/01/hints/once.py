"""Sends a single report."""

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="harbour:9092")
producer.send("swell", b"calm")
producer.flush()
