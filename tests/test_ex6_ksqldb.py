"""Exercise 6: ksqlDB splits INGESTION into six streams."""

from fixtures import expect, task
from fixtures.flows import stream_name

SHOW = "SHOW STREAMS; SHOW QUERIES;   -- in ksql http://kafka-ksqldb-server:8088"
SELECT = "SELECT * FROM SENSOR_ID_1 EMIT CHANGES LIMIT 3;   -- while the producer runs"


@task(
    "ex6.1",
    points=4,
    hint="Which topic, in which case, does the stream read, and do its columns fit the records?",
    look=SHOW,
)
def test_ex6_stream_reads_ingestion(streams, notes):
    """STREAM_INGESTION reads INGESTION.

    Your statements are run one by one, as typed at the prompt. STREAM_INGESTION must read the topic INGESTION, and
    show its records as rows.
    """
    notes.evidence["streams"] = streams.as_evidence()

    expect(streams.source, seen=streams.source_told()).to_satisfy(
        lambda source: source is not None and source.topic == "INGESTION", "a stream STREAM_INGESTION over INGESTION"
    )
    expect(streams.source_rows, seen=streams.source_rows_told()).to_satisfy(
        lambda rows: rows > 0, "its records as rows"
    )


@task(
    "ex6.2",
    points=8,
    hint="Is the sensor's id compared as text, at the path where your producer writes it?",
    look=SELECT,
)
def test_ex6_each_stream_holds_its_sensor(streams, parts, notes):
    """Each SENSOR_ID_n holds exactly its sensor's records.

    New records are sent, each stream is read, and each row is traced back to its record. A stream earns a point if
    it holds all records of its sensor and none of another; all six right earn two more.
    """
    notes.evidence["streams"] = streams.as_evidence()

    parts.each(
        1,
        streams.sensors,
        lambda sensor: expect(streams.wrong(sensor), seen=streams.wrong_one_told(sensor)).to_be(
            "", f"{stream_name(sensor)} with all records of sensor {sensor} and no other"
        ),
    )
    with parts.worth(2):
        expect(streams.wrong_streams(), seen=streams.wrong_told()).to_be_empty("all six streams right")


@task(
    "ex6.3",
    points=2,
    hint="Is each stream made by a query (CREATE STREAM … AS SELECT) that still runs?",
    look=SHOW,
)
def test_ex6_later_records_flow_on(streams, notes):
    """Records produced later flow on: six running queries.

    For each of the six streams a query must be running, and records that are sent later must arrive in them.
    """
    notes.evidence["streams"] = streams.as_evidence()

    expect(streams.idle_streams(), seen=streams.idle_told()).to_be_empty("a running query for each of the six streams")
    expect(streams.flowed_on(), seen="none of the records sent last").to_satisfy(
        lambda rows: rows > 0, "records sent later in the streams"
    )


@task(
    "ex6.4",
    points=2,
    hint="Does the stream have all columns, of a type that holds the value?",
    look=SELECT,
)
def test_ex6_fields_arrive_unchanged(streams, notes):
    """The fields arrive unchanged.

    Each row is compared with the record from which it came: every field must be there with its value. Names may be
    in any case, numbers may be text.
    """
    notes.evidence["streams"] = streams.as_evidence()

    expect(streams.known_rows(), seen="no record at all" + streams.refused_told()).to_satisfy(
        bool, "records in the streams"
    )
    expect(streams.lossy(), seen=streams.lossy_told()).to_be_empty("every field of a record, with its value")
