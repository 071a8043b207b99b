"""Exercise 3: registry, Connect and ksqlDB from their manifests, and a console producer and consumer."""

from fixtures import expect, task
from fixtures.services import SINK_CLASS


@task(
    "ex3.1",
    points=3,
    hint="Does the registry's Service reach its pod, and does the pod find the brokers?",
    look="kubectl port-forward svc/kafka-schema-registry 8081:8081; curl http://127.0.0.1:8081",
)
def test_ex3_registry_answers(registry, notes):
    """Schema Registry answers, and keeps a schema.

    The registry is started as your manifest says and reached through its Service. It must answer {} on /, and give
    back a schema that was registered.
    """
    notes.evidence["registry"] = registry.as_evidence()

    expect(registry.up, seen=registry.told).to_be_true("a registry that starts, behind its Service on port 8081")
    expect(registry.root).to_be({}, "{} on /")
    expect(registry.kept, seen=registry.kept_told()).to_be_true("a schema that is registered can be fetched again")


@task(
    "ex3.2",
    points=3,
    hint="Does the worker find the brokers, and is the connector in its image?",
    look="kubectl port-forward svc/kafka-connect 8083:8083; curl http://127.0.0.1:8083/connector-plugins",
)
def test_ex3_connect_answers(connect_from_manifest, notes):
    """Connect answers, on this cluster, with the HDFS 2 sink.

    Connect is started as your manifest says and reached through its Service. It must tell version, commit and the
    id of this very cluster, and list the HDFS 2 sink among its plugins.
    """
    worker = connect_from_manifest
    notes.evidence["connect"] = worker.as_evidence()

    expect(worker.up, seen=worker.told).to_be_true("a worker that starts, behind its Service on port 8083")
    expect(worker.version and worker.commit, seen=worker.said).to_be_true("its version and commit on /")
    expect(worker.cluster_id).to_be(worker.lab_cluster_id, "the cluster id of this cluster")
    expect(worker.sink, seen=worker.plugins_told()).to_be_true(f"the HDFS 2 sink ({SINK_CLASS}) among its plugins")


@task(
    "ex3.3",
    points=3,
    hint="Does the server find the brokers, and does its Service reach it?",
    look="kubectl port-forward svc/kafka-ksqldb-server 8088:8088; curl http://127.0.0.1:8088/info",
)
def test_ex3_ksqldb_runs(ksqldb_from_manifest, notes):
    """ksqlDB is RUNNING on this cluster.

    ksqlDB is started as your manifest says and reached through its Service. /info must say RUNNING, and name this
    very cluster.
    """
    server = ksqldb_from_manifest
    notes.evidence["ksqldb"] = server.as_evidence()

    expect(server.up, seen=server.told).to_be_true("a server that starts, behind its Service on port 8088")
    expect(server.status).to_be("RUNNING", "serverStatus RUNNING in /info")
    expect(server.cluster_id).to_be(server.lab_cluster_id, "the cluster id of this cluster")


@task(
    "ex3.4",
    points=3,
    hint="Do both name the same topic and a broker, and does the consumer read from the beginning?",
    look="kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic test --from-beginning",
)
def test_ex3_console_producer_reaches_console_consumer(console, leftovers, notes):
    """What one types into the producer reaches the consumer.

    Your producer and consumer are started; new lines are typed into the one and must be shown by the other. On a
    live cluster the pod of the client must be gone afterwards.
    """
    notes.evidence["console"] = console.as_evidence()
    notes.remarks += console.remarks

    expect(console.arrived, seen=console.told).to_be_true("what is typed into the producer arrives in the topic test")
    expect(console.shown, seen=console.shown_told()).to_be_true("the console consumer shows it")
    expect(leftovers.clients, seen=leftovers.told()).to_be_empty("the client's pod is deleted afterwards")
