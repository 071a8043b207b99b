"""Exercise 7: the HDFS 2 sink writes INGESTION into HDFS."""

from fixtures import expect, task

STATUS = "curl http://127.0.0.1:8083/connectors/hdfs-sink/status"
LIST = "hdfs dfs -fs hdfs://namenode:9000 -ls -R /topics/"


@task(
    "ex7.1",
    points=4,
    hint="Does Connect's answer name the setting that it does not like? A task tells why it failed in its trace.",
    look=STATUS,
)
def test_ex7_connector_and_tasks_run(sink, notes):
    """Connect accepts the config; connector and tasks run.

    Your configuration is given to Connect, or your script is run. Connect must accept it; the connector and all its
    tasks must be RUNNING.
    """
    notes.evidence["connectors"] = sink.as_evidence()
    notes.remarks += sink.remarks

    expect(sink.connectors, seen=sink.refused_told()).to_satisfy(bool, "a connector that Connect accepts")
    expect(sink.not_running(), seen=sink.not_running_told()).to_be_empty("the connector and all its tasks RUNNING")


@task(
    "ex7.2",
    points=6,
    hint="Are topic, HDFS address, converters and flush.size those of your cluster and records?",
    look=LIST,
)
def test_ex7_every_record_is_in_hdfs_once(sink, notes):
    """Every committed record is in HDFS exactly once.

    Records are sent, and the worker is killed and started again in the middle. Every record below the committed
    offsets must be in exactly one file, as it was sent.
    """
    notes.evidence["records"] = sink.records_evidence()

    sink.require_connector()
    expect(sink.unwritten(), seen=sink.unwritten_told()).to_be_empty("full files of every partition's records")
    expect(sink.missing(), seen=sink.missing_told()).to_be_empty("every record below the committed offset in a file")
    expect(sink.doubled(), seen=sink.doubled_told()).to_be_empty("no record twice, though the worker was killed once")
    expect(sink.changed(), seen=sink.changed_told()).to_be_empty("records as they were sent")


@task(
    "ex7.3",
    points=3,
    hint="Which folders do topics.dir and logs.dir name, and which topic does the connector read?",
    look=LIST,
)
def test_ex7_layout_is_as_configured(sink, notes):
    """/topics and /logs are laid out as the config says.

    The files must lie in /partition=N/ below the topic's folder, hold as many records as flush.size says, and each
    partition must have a write-ahead log.
    """
    notes.evidence["files"] = sink.files_evidence()

    sink.require_connector()
    expect(sink.partitions_without_files(), seen=sink.files_told()).to_be_empty(
        f"{sink.topic_folder}/partition=N/ with files for every partition"
    )
    expect(sink.misshapen(), seen=sink.misshapen_told()).to_be_empty(f"files of {sink.full_file_told()}")
    expect(sink.partitions_without_log(), seen=sink.logs_told()).to_be_empty(f"a write-ahead log in {sink.log_folder}")


@task(
    "ex7.4",
    points=3,
    hint="Does the group connect-<name> commit, and is flush.size small enough for six sensors?",
    look="kafka-consumer-groups.sh --bootstrap-server kafka:9092 --describe --group connect-hdfs-sink",
)
def test_ex7_the_sink_keeps_up(sink, notes):
    """The sink keeps up: lag stays below flush.size.

    When the sink has caught up, less than flush.size records of each partition may be uncommitted.
    """
    notes.evidence["lag"] = sink.lag_evidence()

    sink.require_connector()
    expect(sink.behind(), seen=sink.lag_told()).to_be_empty("a lag below flush.size in every partition")
