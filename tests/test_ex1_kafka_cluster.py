"""Exercise 1: deploy a Kafka cluster."""

from fixtures import expect, task
from fixtures.values import described_mode, described_remarks


@task(
    "ex1.1",
    points=3,
    hint="Which protocol does the client listener speak if the values say nothing? (SASL_PLAINTEXT.)",
    look="grep -n -A2 -E 'client:|replicaCount' kafka-values.yaml",
)
def test_ex1_values_describe_the_cluster(values, notes):
    """The values give a PLAINTEXT listener and three controllers.

    The Helm values are read as Helm reads them. They must select KRaft without ZooKeeper, three controllers, and
    PLAINTEXT for clients. An image that can no longer be pulled is a remark and costs nothing.
    """
    notes.remarks += described_remarks(values)
    notes.evidence["image"] = values.image

    expect(values.kraft and not values.zookeeper, seen=described_mode(values)).to_be_true("KRaft, no ZooKeeper")
    expect(values.client_protocol).to_be("PLAINTEXT", "listeners.client.protocol: PLAINTEXT")
    expect(values.controllers).to_be(3, "controller.replicaCount: 3")


@task(
    "ex1.2",
    points=5,
    hint="Does every broker start, and can a client without a password ask it for the topics?",
    look="kubectl get pods; kubectl logs kafka-controller-0 | grep -E 'ERROR|FATAL' | head",
)
def test_ex1_the_described_cluster_comes_up(described_cluster, deployment, notes):
    """The cluster they describe comes up and takes plain clients.

    A cluster is started as the values describe it. Three brokers, three voters and a leader must be seen, and a
    client without a password must be able to talk to it. On a live cluster the brokers' pods must be ready, too.
    """
    cluster = described_cluster
    notes.evidence["cluster"] = cluster.as_evidence()
    notes.evidence["deployment"] = deployment.as_evidence()
    notes.remarks += deployment.remarks()

    expect(deployment.unready(), seen=deployment.unready_told()).to_be_empty("the pod of every broker is ready")
    expect(cluster.brokers, seen=f"{cluster.brokers} brokers").to_satisfy(lambda n: n >= 3, "three brokers")
    expect(cluster.voters, seen=f"{cluster.voters} voters").to_be(3, "three voters in the quorum")
    expect(cluster.leader, seen="no leader").to_satisfy(lambda leader: leader is not None, "a quorum with a leader")
    expect(cluster.refused).to_be(None, "a client without a password can talk to the brokers")
