"""Exercise 8: Flume brings events into Kafka, Sqoop a table into HDFS. For a bonus."""

from fixtures import expect, task

READ = "kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic flume-logs --from-beginning --timeout-ms 5000"
LIST = "hdfs dfs -fs hdfs://namenode:9000 -cat /employees/part-m-*"


@task(
    "ex8.1",
    points=5,
    bonus=True,
    hint="Do source, channel and Kafka sink name each other, and does the sink name broker and topic of your cluster?",
    look=READ,
)
def test_ex8_events_arrive_in_the_topic(flume, notes):
    """What is posted to the agent arrives in its topic.

    The agent of the configuration runs; events with bodies of this run are posted to its source, and each must stand in
    the Kafka topic of its sink, byte for byte.
    """
    notes.evidence["events"] = flume.as_evidence()

    expect(flume.missing(), seen=flume.missing_told()).to_be_empty(f"every event in {flume.where}, as it was posted")


@task(
    "ex8.2",
    points=5,
    bonus=True,
    hint="Does the import name server, database, login and table, and does it end without an error?",
    look=LIST,
)
def test_ex8_every_row_is_in_hdfs_once(imported, notes):
    """Every row of the table is in HDFS, once.

    The import line runs on a PostgreSQL with a table of random rows; each row must be in HDFS with all its values, and
    none twice.
    """
    notes.evidence["import"] = imported.as_evidence()
    notes.remarks += imported.remarks

    expect(imported.maimed(), seen=imported.maimed_told()).to_be_empty("rows with all their values")
    expect(imported.missing(), seen=imported.missing_told()).to_be_empty("every row of employees in one folder of HDFS")
    expect(imported.doubled(), seen=imported.doubled_told()).to_be_empty("every row once")
