"""Topicmark: the automatic grader for hands-on Kafka, ksqlDB, Connect and HDFS labs."""

__version__ = "0.1.0"
