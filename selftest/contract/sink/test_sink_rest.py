"""What Connect answers about the sink: recordings connect-rest and connect-rest-errors.

The recordings are Connect 3.3.1's, the lab's worker is 3.8.0: where Kafka itself changed its answer, that is said.
"""

from __future__ import annotations

import pytest
import requests

from selftest.contract.sink.plugin_folder import REFUSED
from selftest.contract.sink.stack import PLUGIN
from topicmark.waiting import eventually

ENDING = (
    "\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`"
)


def invalid(*errors: str) -> dict[str, object]:
    head = f"Connector configuration is invalid and contains the following {len(errors)} error(s):"
    return {"error_code": 400, "message": "\n".join([head, *errors]) + ENDING}


NO_FLUSH_SIZE = 'Missing required configuration "flush.size" which has no default value.'


def test_a_connector_is_created_as_recorded(sink):
    config = sink.config()
    answer = sink.worker.post("/connectors", {"name": sink.name, "config": config})
    sink._posted.append(sink.name)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{sink.worker.url}/connectors/{sink.name}"
    assert answer.json() == {
        "name": sink.name, "config": {**config, "name": sink.name}, "tasks": [], "type": "sink"
    }  # fmt: skip
    worker_id = sink.worker.url.removeprefix("http://")
    running = {"state": "RUNNING", "worker_id": worker_id}
    eventually(
        lambda: sink.worker.status(sink.name),
        lambda seen: seen == {
            "name": sink.name, "connector": running, "tasks": [{"id": task, **running} for task in range(3)],
            "type": "sink",
        },
        within=30, describe="the recorded status",
    )  # fmt: skip
    tasks = sink.worker.get(f"/connectors/{sink.name}/tasks").json()
    assert [task["id"] for task in tasks] == [{"connector": sink.name, "task": task} for task in range(3)]
    assert tasks[1]["config"] == {
        **config, "name": sink.name, "task.class": "io.confluent.connect.hdfs.HdfsSinkTask", "task.id": "1"
    }  # fmt: skip
    again = sink.worker.post("/connectors", {"name": sink.name, "config": config})
    assert (again.status_code, again.json()) == (
        409, {"error_code": 409, "message": f"Connector {sink.name} already exists"}
    )  # fmt: skip


def test_pause_resume_topics_and_delete(sink):
    sink.send(0, 1, 2, 3)
    sink.post()
    sink.await_ranges((0, 0, 2))
    eventually(
        lambda: sink.worker.get(f"/connectors/{sink.name}/topics").json(),
        lambda told: told == {sink.name: {"topics": [sink.topic]}},
        within=10, describe="the topic among the connector's",
    )  # fmt: skip
    assert sink.worker.put(f"/connectors/{sink.name}/pause").status_code == 202
    eventually(
        lambda: sink.worker.states(sink.name), lambda seen: set(seen) == {"PAUSED"}, within=20, describe="a pause"
    )
    sink.send(0, 4, 5, 6)
    assert sink.worker.put(f"/connectors/{sink.name}/resume").status_code == 202
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    sink.delete()
    gone = eventually(
        lambda: sink.worker.get(f"/connectors/{sink.name}/status"), lambda answer: answer.status_code == 404,
        within=10, describe="no status",
    )  # fmt: skip
    assert gone.json() == {"error_code": 404, "message": f"No status found for connector {sink.name}"}


def test_flush_size_is_required(sink):
    for changes in ({}, {"tasks.max": "1", "hdfs.url": "hdfs://127.0.0.1:1"}):
        config = {"connector.class": PLUGIN, "topics": sink.topic, **changes}
        answer = sink.worker.post("/connectors", {"name": "x", "config": config})
        assert (answer.status_code, answer.json()) == (400, invalid(NO_FLUSH_SIZE))


def test_flush_size_zero_is_accepted_and_runs_and_nothing_is_written(sink):
    sink.send(0, 1, 2, 3)
    sink.post(flush_size="0")
    assert sink.ranges() == []


def test_an_unknown_format_is_named(sink):
    wrong = "io.confluent.connect.hdfs.json.JsonFormatX"
    answer = sink.worker.post("/connectors", {"name": "x", "config": sink.config(format_class=wrong)})
    expected = invalid(f"Invalid value {wrong} for configuration format.class: Class {wrong} could not be found.")
    assert (answer.status_code, answer.json()) == (400, expected)


def test_neither_topics_nor_a_pattern(sink):
    answer = sink.worker.post("/connectors", {"name": "x", "config": sink.config(topics=None)})
    # Connect 3.3.1: 500; since 3.8.0 it counts among the errors of the configuration
    assert answer.status_code in (400, 500)
    assert "Must configure one of topics or topics.regex" in answer.json()["message"]


def test_an_unknown_class_and_a_malformed_body(sink):
    answer = sink.worker.post("/connectors", {"name": "x", "config": {"connector.class": "no.such.Connector"}})
    assert answer.status_code == 500
    message = answer.json()["message"]
    assert message.startswith(
        "Failed to find any class that implements Connector and which name matches no.such.Connector, "
        "available connectors are: "
    )
    assert f"klass=class {PLUGIN}, name='{PLUGIN}'" in message
    broken = requests.post(
        f"{sink.worker.url}/connectors", data="{bad", headers={"Content-Type": "application/json"}, timeout=30
    )
    assert broken.status_code == 500
    assert "was expecting double-quote to start field name" in broken.json()["message"]


@pytest.mark.parametrize(("key", "kind"), [("flush.size", "INT"), ("rotate.interval.ms", "LONG")])
def test_a_number_that_is_none(sink, key, kind):
    answer = sink.worker.post("/connectors", {"name": "x", "config": sink.config(**{key: "three"})})
    expected = invalid(f"Invalid value three for configuration {key}: Not a number of type {kind}")
    assert (answer.status_code, answer.json()) == (400, expected)


def test_no_url_at_all_fails_the_connector(sink):
    answer = sink.worker.post("/connectors", {"name": sink.name, "config": sink.config(hdfs_url=None)})
    assert answer.status_code == 201
    sink._posted.append(sink.name)
    eventually(lambda: sink.worker.states(sink.name), lambda seen: seen == ["FAILED"], within=20, describe="a failure")
    trace = sink.worker.status(sink.name)["connector"]["trace"]
    assert "Couldn't start HdfsSinkConnector due to configuration error" in trace
    assert "Configuration store.url cannot be empty." in trace


@pytest.mark.parametrize("url", ["file:///tmp", "FILE:/tmp", "/tmp", "tmp/x", "webhdfs://namenode:9870"])
def test_no_other_file_system_is_written_to(sink, url):
    sink._posted.append(sink.name)
    sink.worker.post("/connectors", {"name": sink.name, "config": sink.config(store_url=url)})
    eventually(lambda: sink.worker.states(sink.name), lambda seen: seen == ["FAILED"], within=20, describe="a failure")
    assert "Topicmark's sink writes to hdfs:// only" in sink.worker.status(sink.name)["connector"]["trace"]


@pytest.mark.parametrize("url", ["namenode:9000", "hdfs://no-such-host.invalid:9000"])
def test_a_url_that_can_never_work_fails_the_tasks(sink, url):
    sink.worker.post("/connectors", {"name": sink.name, "config": sink.config(hdfs_url=url)})
    sink._posted.append(sink.name)
    eventually(
        lambda: sink.worker.states(sink.name), lambda seen: seen[:1] == ["RUNNING"] and seen[1:] == ["FAILED"] * 3,
        within=30, describe="failed tasks",
    )  # fmt: skip


def test_every_key_of_the_real_connector_is_known(sink):
    keys = {entry["name"]: entry for entry in sink.worker.get("/connector-plugins/HdfsSinkConnector/config").json()}
    expected = {
        "hdfs.url": ("STRING", False, None, "HIGH"), "store.url": ("STRING", False, None, "HIGH"),
        "hadoop.conf.dir": ("STRING", False, "", "HIGH"), "logs.dir": ("STRING", False, "logs", "HIGH"),
        "topics.dir": ("STRING", False, "topics", "HIGH"), "flush.size": ("INT", True, None, "HIGH"),
        "rotate.interval.ms": ("LONG", False, "-1", "HIGH"),
        "rotate.schedule.interval.ms": ("LONG", False, "-1", "MEDIUM"),
        "retry.backoff.ms": ("LONG", False, "5000", "LOW"), "shutdown.timeout.ms": ("LONG", False, "3000", "MEDIUM"),
        "filename.offset.zero.pad.width": ("INT", False, "10", "LOW"),
        "format.class": ("CLASS", False, "io.confluent.connect.hdfs.avro.AvroFormat", "HIGH"),
        "storage.class": ("CLASS", False, "io.confluent.connect.hdfs.storage.HdfsStorage", "HIGH"),
        "partitioner.class": (
            "CLASS", False, "io.confluent.connect.storage.partitioner.DefaultPartitioner", "HIGH"),
        "schema.compatibility": ("STRING", False, "NONE", "HIGH"), "timezone": ("STRING", False, "", "MEDIUM"),
        "hive.integration": ("BOOLEAN", False, "false", "HIGH"),
        "hdfs.authentication.kerberos": ("BOOLEAN", False, "false", "HIGH"),
        "topic.capture.groups.regex": ("STRING", False, None, "LOW"),
        "directory.delim": ("STRING", False, "/", "MEDIUM"), "file.delim": ("STRING", False, "+", "MEDIUM"),
    }  # fmt: skip
    seen = {
        name: tuple(keys[name][field] for field in ("type", "required", "default_value", "importance"))
        for name in expected
    }
    assert seen == expected


def test_our_version_says_whose_it_is(sink, ours):
    plugins = {entry["class"]: entry for entry in sink.worker.get("/connector-plugins").json()}
    assert plugins[PLUGIN]["type"] == "sink"
    assert ("Topicmark" in plugins[PLUGIN]["version"]) == ours


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format.class", "io.confluent.connect.hdfs.avro.AvroFormat"),
        ("format.class", "io.confluent.connect.hdfs.parquet.ParquetFormat"),
        ("format.class", "io.confluent.connect.hdfs.orc.OrcFormat"),
        ("format.class", "java.lang.String"),
        ("partitioner.class", "io.confluent.connect.storage.partitioner.FieldPartitioner"),
        ("partitioner.class", "io.confluent.connect.storage.partitioner.TimeBasedPartitioner"),
        ("partitioner.class", "io.confluent.connect.hdfs.partitioner.HourlyPartitioner"),
        ("storage.class", "io.confluent.connect.hdfs.json.JsonFormat"),
        ("hive.integration", "true"),
        ("hdfs.authentication.kerberos", "true"),
    ],
)
def test_what_ours_cannot_do_is_refused_by_name(sink, ours, key, value):
    if not ours:
        pytest.skip("a refusal of our own plugin")
    config = sink.config(**{key: value})
    sentence = f"{key}={value} is {REFUSED} HDFS sink: use --connect-plugins DIR with Confluent's plugin"
    answer = sink.worker.post("/connectors", {"name": sink.name, "config": config})
    assert (answer.status_code, answer.json()) == (400, invalid(sentence))
    put = sink.worker.put(f"/connectors/{sink.name}/config", config)
    assert (put.status_code, put.json()) == (400, invalid(sentence))
    checked = sink.worker.put("/connector-plugins/HdfsSinkConnector/config/validate", {**config, "name": "x"}).json()
    assert {v["value"]["name"]: v["value"]["errors"] for v in checked["configs"] if v["value"]["errors"]} == {
        key: [sentence]
    }


def test_the_default_format_is_accepted_and_fails_with_the_first_record(sink, ours):
    if not ours:
        pytest.skip("a refusal of our own plugin")
    sink.post(format_class=None)
    sink.send(0, 1)
    assert f"format.class=io.confluent.connect.hdfs.avro.AvroFormat is {REFUSED}" in sink.await_failed()


def test_a_string_format_for_what_is_no_string_fails(sink):
    sink.send(0, {"a": 1})
    sink.post(format_class="io.confluent.connect.hdfs.string.StringFormat")
    assert sink.await_failed()


@pytest.mark.parametrize(
    ("converter", "words"),
    [
        ("avro.AvroConverter", "Failed to deserialize data for topic {topic} to Avro: "),
        ("protobuf.ProtobufConverter", "Failed to deserialize data for topic {topic} to Protobuf: "),
        (
            "json.JsonSchemaConverter",
            "Converting byte[] to Kafka Connect data failed due to serialization error of topic",
        ),
    ],
)
def test_a_converter_of_the_registry_cannot_read_plain_json(sink, ours, converter, words):
    if not ours:
        pytest.skip("stand-ins of our own")
    name = f"io.confluent.connect.{converter}"
    sink.send(0, {"n": 1})
    sink.post(value_converter=name)
    trace = sink.await_failed()
    assert words.format(topic=sink.topic) in trace
    assert "Unknown magic byte!" in trace


def test_a_record_in_the_registrys_format_is_refused(sink, ours):
    if not ours:
        pytest.skip("stand-ins of our own")
    sink.send(0, b"\0\0\0\0\1abc")
    sink.post(value_converter="io.confluent.connect.avro.AvroConverter")
    assert REFUSED in sink.await_failed()


def test_a_converter_of_the_registry_needs_its_address(sink):
    config = sink.config(
        tasks_max="1",
        value_converter="io.confluent.connect.avro.AvroConverter",
        value_converter_schema_registry_url=None,
    )
    answer = sink.worker.post("/connectors", {"name": sink.name, "config": config})
    assert answer.status_code == 201, answer.text
    sink._posted.append(sink.name)
    assert 'Missing required configuration "schema.registry.url" which has no default value.' in sink.await_failed()
