"""Settings from a container's environment, and the line of a log that tells why they do not work; no Java."""

from __future__ import annotations

import pytest

from topicmark.services.connect_env import lab_properties, offers_hub_components, rest_listener
from topicmark.services.image_env import Unstartable, UnusableHere, first_listener, properties
from topicmark.services.names import rendered, write_hosts
from topicmark.services.refusal import telling_line

NO_HOST = """\
22:41:55.807 WARN ClientUtils: Couldn't resolve server kafak:9092 from bootstrap.servers as DNS resolution failed
22:41:55.812 ERROR ConnectDistributed: Stopping due to error
org.apache.kafka.connect.errors.ConnectException: Failed to connect
Caused by: org.apache.kafka.common.config.ConfigException: No resolvable bootstrap urls given in bootstrap.servers
"""
NESTED = """\
22:41:55.100 ERROR Other: a connector's task, long before
java.lang.IllegalStateException: not this
22:41:55.812 ERROR DistributedHerder: [Worker clientId=w] Uncaught exception in herder work thread, exiting:
org.apache.kafka.connect.errors.ConnectException: outer
\tat somewhere
Caused by: org.apache.kafka.common.errors.TimeoutException: Timeout expired
22:41:56.000 ERROR Later: after it
java.lang.IllegalStateException: nor this
"""


def test_a_property_is_named_by_its_variable():
    environment = {"X_FOO_BAR": "1", "X_FOO__BAR": "2", "X_FOO___BAR": "3", "X_": "4", "OTHER_FOO": "5"}
    assert properties(environment, "X_") == {"foo.bar": "1", "foo_bar": "2", "foo-bar": "3"}


@pytest.mark.parametrize(
    ("text", "host", "port", "everywhere", "pod_only"),
    [
        ("http://0.0.0.0:8083", "0.0.0.0", 8083, True, False),
        ("http://:8083", "", 8083, True, False),
        ("HTTP://[::]:8083, https://x:1", "[::]", 8083, True, False),
        ("http://localhost:8084", "localhost", 8084, False, True),
        ("http://127.0.0.1:8084", "127.0.0.1", 8084, False, True),
        ("http://kafka-connect:8083", "kafka-connect", 8083, False, False),
    ],
)
def test_a_listener(text, host, port, everywhere, pod_only):
    listener = first_listener(text)
    assert (listener.scheme, listener.host, listener.port) == ("http", host, port)
    assert (listener.everywhere, listener.pod_only) == (everywhere, pod_only)


@pytest.mark.parametrize("text", ["", "8083", "http://host", "http://host:many", "http://host:70000"])
def test_no_listener(text):
    with pytest.raises(Unstartable, match="not a listener"):
        first_listener(text)


def test_rest_port_has_no_say():
    assert rest_listener({"rest.port": "9999"}).port == 8083
    assert rest_listener({"rest.port": "9999", "listeners": "http://:8084"}).port == 8084


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        (None, True), ("", True), ("/usr/share/java,/usr/share/confluent-hub-components/", True), ("/usr/share", True),
        ("/usr/share/java", False), ("/usr/share/confluent-hub", False),
    ],
)  # fmt: skip
def test_plugins_are_offered_where_the_plugin_path_has_them(path, offered):
    settings = {} if path is None else {"plugin.path": path}
    assert offers_hub_components(settings) is offered
    made = lab_properties(settings, "127.1.1.30", ("/jars",), discovery="service_load")
    assert made.get("plugin.path") == ("/jars" if offered else None)


def test_the_students_settings_go_before_what_is_only_quick():
    made = lab_properties({"offset.flush.interval.ms": "60000"}, "127.1.1.30", (), discovery="service_load")
    assert made["offset.flush.interval.ms"] == "60000"
    assert made["scheduled.rebalance.max.delay.ms"] == "0"
    assert made["listeners"] == "http://127.1.1.30:8083"


def test_what_a_lab_must_not_run():
    for settings, telling in (
        ({"config.providers.file.class": "x"}, "reads files"),
        ({"listeners": "https://:8443"}, "https://"),
    ):
        with pytest.raises(UnusableHere, match=telling):
            lab_properties(settings, "127.1.1.30", (), discovery="service_load")


@pytest.mark.parametrize(
    ("log", "telling"),
    [
        (NO_HOST, "Couldn't resolve server kafak:9092 from bootstrap.servers as DNS resolution failed"),
        (NESTED, "Timeout expired"),
        ("22:41:55.100 ERROR Other: bare\n", "bare"),
        ("22:41:55.100 WARN Other: only a warning\n", ""),
        ("", ""),
    ],
)
def test_the_line_that_tells(log, telling):
    assert telling_line(log) == telling


def test_files_for_a_jvm(tmp_path):
    option = write_hosts(tmp_path / "hosts", {"kafka": "127.1.1.10 127.1.1.11"}, "127.1.1.30")
    assert option == f"-Djdk.net.hosts.file={tmp_path}/hosts"
    lines = ["127.1.1.30 localhost", "127.1.1.10 kafka", "127.1.1.11 kafka"]
    assert (tmp_path / "hosts").read_text().splitlines() == lines
    assert rendered({"a b": " x", "c=": "\\\n", "d": "é😀"}) == ("a\\ b=\\ x\nc\\==\\\\\\n\nd=\\u00e9\\ud83d\\ude00\n")
