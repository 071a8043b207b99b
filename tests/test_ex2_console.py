"""Exercise 2: Redpanda Console from its manifest, and a first topic by hand."""

from fixtures import expect, task


@task(
    "ex2.1",
    points=2,
    hint="Does KAFKA_BROKERS name the cluster's Service and its client port, and does svc/redpanda lead to 8080?",
    look="kubectl port-forward svc/redpanda 8080:8080; curl http://127.0.0.1:8080/admin/startup",
)
def test_ex2_console_points_at_the_cluster(console_manifest, notes):
    """The console's manifest is valid, and points at the cluster.

    The manifest is checked as Kubernetes would: kinds, names, labels, ports, the console's image and settings, and
    whether the brokers that it names are those of the cluster. A console that runs is asked whether it finds Kafka.
    """
    console = console_manifest
    notes.evidence["console"] = console.as_evidence()
    notes.remarks += console.remarks

    expect(not console.image_doubt, seen=console.image_doubt).to_be_true("an image that is Redpanda Console")
    expect(not console.problem, seen=console.problem).to_be_true("a console that can read its configuration")
    expect(console.finds_brokers, seen=console.brokers_told()).to_be_true("a broker that the console finds")
    expect(console.demands).to_be_empty("a plain connection, as the cluster's client listener offers it")
    expect(not console.entrance, seen=console.entrance).to_be_true("svc/redpanda leads from 8080 to the console")
    expect(not console.silent, seen=console.silent).to_be_true(
        "a console that runs and finds Kafka: GET /admin/startup"
    )


@task(
    "ex2.2",
    points=2,
    hint="Is the name exactly test-redpanda, and was it created before anything was produced to it?",
    look="kafka-topics.sh --bootstrap-server kafka:9092 --describe --topic test-redpanda",
)
def test_ex2_topic_exists(aftermath, notes):
    """The topic test-redpanda exists.

    Your steps are replayed, or the lab is looked at in which you worked by hand. The topic must have been created
    by somebody, not by a broker as a producer came.
    """
    notes.evidence["topic"] = aftermath.as_evidence()

    expect(aftermath.on_purpose, seen=aftermath.created_told()).to_be_true("a topic test-redpanda, created")


@task(
    "ex2.3",
    points=2,
    hint="Were key and value told apart, and do the quotes of the value reach Kafka?",
    look="kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test-redpanda --from-beginning "
    "--property print.key=true",
)
def test_ex2_record_was_produced(aftermath, notes):
    """The record was produced to it.

    All that was ever written to the topic counts, also if it is deleted by now. Key and value are compared as text
    and as JSON: blanks within the JSON make no difference.
    """
    notes.evidence["topic"] = aftermath.as_evidence()

    expect(aftermath.right, seen=aftermath.written_told()).to_be_true(
        'a record with key 1 and value {"id":1,"status":"it works"} in test-redpanda'
    )


@task(
    "ex2.4",
    points=2,
    hint="Were the records of every partition deleted up to the high watermark, and the topic left as it is?",
    look="kafka-get-offsets.sh --bootstrap-server kafka:9092 --topic test-redpanda --time earliest",
)
def test_ex2_records_were_deleted(aftermath, notes):
    """All its records were deleted.

    In each partition that was used the earliest offset must be the latest one, and above zero: a topic that was
    deleted and made again begins at zero.
    """
    notes.evidence["topic"] = aftermath.as_evidence()

    expect(aftermath.highest, seen=aftermath.highest_told()).to_be_true("a topic that held records")
    expect(aftermath.left, seen=aftermath.left_told()).to_be_empty("earliest = latest in every partition")
