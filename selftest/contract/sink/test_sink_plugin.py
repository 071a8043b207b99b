"""The plugin folder that a worker is given."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from selftest.contract.sink import plugin_folder
from selftest.contract.sink.stack import PLUGIN
from topicmark.provision import maven


@pytest.fixture(scope="module")
def built() -> Path:
    maven.fetch(plugin_folder.SETS)
    return plugin_folder.build()


def test_every_plugin_has_a_folder_with_jars_that_exist(built):
    assert built == plugin_folder.folder() == plugin_folder.build()
    assert {place.name for place in built.iterdir()} == {"hdfs-sink", "converters"}
    assert all(jar.resolve(strict=True).suffix == ".jar" for jar in built.glob("*/*"))
    assert [place.name for place in built.parent.glob(".new-*")] == []


def test_what_the_worker_brings_is_not_brought_again(built):
    """Two copies of a logging or JSON library end in classes that are not one another's."""
    jars = {jar.name for jar in built.glob("hdfs-sink/*")}
    assert {name.rsplit("-", 1)[0] for name in jars} == {
        "hdfs", "hadoop-client-api", "hadoop-client-runtime", "commons-logging"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("jar", "service", "first"),
    [
        ("hdfs-sink/hdfs-sink.jar", "org.apache.kafka.connect.sink.SinkConnector", PLUGIN),
        (
            "converters/converters.jar", "org.apache.kafka.connect.storage.Converter",
            "io.confluent.connect.avro.AvroConverter",
        ),
    ],
)  # fmt: skip
def test_a_jar_tells_its_plugins(built, jar, service, first):
    with zipfile.ZipFile(built / jar) as archive:
        told = archive.read(f"META-INF/services/{service}").decode().split()
        assert told[0] == first
        assert {name.replace(".", "/") + ".class" for name in told} <= set(archive.namelist())
