"""Counts the words of a file in HDFS."""

import os
from collections import Counter

from hdfs import InsecureClient

client = InsecureClient(os.environ.get("NAMENODE", "http://namenode:9870"), user="root")
with client.read("/report.txt", encoding="utf-8") as file:
    print(Counter(file.read().split()).most_common(10))
