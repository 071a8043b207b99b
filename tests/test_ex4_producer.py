"""Exercise 4: produce messages to Kafka using Python."""

from fixtures import expect, task
from fixtures.broadcast import ENOUGH, SENSORS

DESCRIBE = "kafka-topics.sh --bootstrap-server kafka:9092 --describe --topic INGESTION"
CONSUME = "kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic INGESTION --property print.key=true"


@task(
    "ex4.1",
    points=5,
    hint="Was INGESTION created before anybody wrote to it, with its retention set or named in answers.toml?",
    look=DESCRIBE,
)
def test_ex4_ingestion_is_chosen(chosen_topic, student, parts, notes):
    """INGESTION exists on purpose, consistent, retention chosen.

    The topic must be there before anybody writes to it. Not more replicas than brokers, and min.insync.replicas not
    above them: 3 points. Retention by time and by size is set on the topic, or the default is named as the choice
    in answers.toml: 2 points. Any number of partitions will do.
    """
    topic = chosen_topic
    notes.evidence["topic"] = topic.as_evidence()
    notes.remarks += topic.remarks()

    expect(topic.on_purpose, seen=topic.told()).to_be_true("a topic INGESTION that was created on purpose")
    with parts.worth(3):
        expect(topic.facts.replication_factor).to_satisfy(lambda n: n <= 3, "no more replicas than brokers (3)")
        expect(topic.facts.min_in_sync_replicas, seen=topic.replicas_told()).to_satisfy(
            lambda n: 1 <= n <= topic.facts.replication_factor,
            "min.insync.replicas no larger than the replication factor",
        )
    with parts.worth(2):
        expect(topic.retention_unchosen(student.answers), seen=topic.retention_told(student.answers)).to_be_empty(
            "retention time and size, set on the topic or named as the default in answers.toml"
        )


@task(
    "ex4.2",
    points=3,
    hint="With one of three brokers gone, how many in-sync replicas are left, and how many does a write need?",
    look=DESCRIBE + "  # then: kubectl delete pod kafka-controller-0, and watch the producer",
    needs="ex4.1",
)
def test_ex4_writes_go_on_without_one_broker(outage, notes):
    """Writes go on while one broker is down.

    The leader of the first partition is really stopped. Each partition must take a write with acks=all meanwhile,
    and each sensor that published before must go on.
    """
    notes.evidence["outage"] = outage.as_evidence()

    expect(outage.refused, seen=outage.refusals_told()).to_be_empty(
        f"every partition takes writes (acks=all) while broker {outage.broker} is down"
    )
    expect(outage.stalled, seen=outage.stalled_told()).to_be_empty(
        f"the producer's records of all sensors go on being acknowledged while broker {outage.broker} is down"
    )


@task(
    "ex4.3",
    points=6,
    hint="Does the program run without arguments or input, send bytes, and go on for ever?",
    look=CONSUME,
)
def test_ex4_producer_keeps_publishing(broadcast, notes):
    """The producer keeps publishing sensor records to INGESTION.

    Your program is started without arguments or input, and the topic is watched: records of a sensor must come for
    at least three seconds, and must not be a burst that ends.
    """
    notes.evidence["records"] = broadcast.as_evidence()

    expect(broadcast.keeps_on, seen=broadcast.told()).to_be_true("sensor records that keep arriving in INGESTION")


@task(
    "ex4.4",
    points=3,
    hint="Is the sensor id sent as the record's key?",
    look=CONSUME,
)
def test_ex4_key_defines_the_sensor(broadcast, notes):
    """The key defines the sensor: one key, one partition each.

    Of all records that were seen: each has a key, each sensor has one key that no other sensor has, and lies in one
    partition. How the key looks is up to you.
    """
    notes.evidence["keys"] = broadcast.keys()
    notes.evidence["places"] = broadcast.places()

    broadcast.require_records("ex4.3")
    expect(broadcast.keyless(), seen=broadcast.keyless_told()).to_be_empty("every record has a key")
    expect(broadcast.strayed_keys(), seen=broadcast.strayed_told()).to_be_empty(
        "each sensor has one key, used by no other"
    )
    expect(broadcast.split_sensors(), seen=broadcast.split_told()).to_be_empty(
        "all records of a sensor in one partition"
    )


@task(
    "ex4.5",
    points=3,
    hint="Do all six run at the same time, and does each go on?",
    look=CONSUME + " | cut -f1 | head -60 | sort | uniq -c",
)
def test_ex4_all_six_sensors_publish(broadcast, notes):
    """All six sensors publish.

    At least six records of each of six sensors must come, and go on coming. Whether one program sends them or six
    do makes no difference.
    """
    notes.evidence["sensors"] = broadcast.counts()

    expect(len(broadcast.publishing), seen=broadcast.told()).to_satisfy(
        lambda sensors: sensors >= SENSORS,
        f"six sensors that each go on publishing (at least {ENOUGH} records of each)",
    )
