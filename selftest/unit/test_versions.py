"""The table of versions: how it is read, and that manifests, jars and wheels hold to it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from selftest import manifests
from topicmark.provision import jarset, versions
from topicmark.provision.versions import Pin, VersionsError

ROOT = Path(__file__).parents[2]
IMAGES = [
    (resource, container["image"])
    for resource in manifests.render(manifests.ROOT)
    for container in (*resource.init_containers, *resource.containers)
]


def test_a_pin_is_what_the_table_says():
    assert versions.pins()["kafka"] == Pin(
        "kafka",
        "apache/kafka",
        "3.8.0",
        embedded=("org.apache.kafka:kafka_2.13:3.8.0", "org.apache.kafka:kafka-clients:3.8.0"),
    )
    assert versions.image("hdfs") == "apache/hadoop:3.3.6"


def test_what_is_asked_for_in_vain_is_told():
    with pytest.raises(VersionsError, match=r"versions\.toml: there is no \[zookeeper\]; there are kafka, "):
        versions.image("zookeeper")
    with pytest.raises(VersionsError, match=r"versions\.toml: java has no image"):
        versions.image("java")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[kafka", "is no TOML"),
        ("kafka = 1", "kafka must be a table"),
        ("[kafka]\nimage = 'a/b'", "kafka needs both image and tag"),
        ("[kafka]\nimage = 'a/b'\ntag = 'latest'", r"kafka\.tag is latest"),
        ("[kafka]\nimage = 'a/b:1'\ntag = '1'", r"kafka\.image has a tag in it"),
        ("[kafka]\nimage = 'a/b'\ntag = 3.8", r"kafka\.tag must be a text"),
        ("[kafka]\nimage = 'a/b'\ntag = '1'\nwhy = 'x'", r"kafka\.why is unknown; known are image, tag"),
        ("[kafka]\nembedded = 'a:b:1'", r"kafka\.embedded must be a list"),
        ("[kafka]\nfetched = ['']", r"kafka\.fetched\[0\] must be a text"),
    ],
)
def test_a_broken_table_is_told_by_file_and_key(tmp_path, text, told):
    file = tmp_path / "table.toml"
    file.write_text(text)
    with pytest.raises(VersionsError, match=rf"table\.toml.*{told}"):
        versions.read(file)


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(VersionsError, match=r"none\.toml cannot be read: No such file"):
        versions.read(tmp_path / "none.toml")


@pytest.mark.parametrize(("resource", "image"), IMAGES, ids=lambda value: str(value))
def test_every_image_is_one_of_the_table(resource, image):
    assert image in {pin.reference for pin in versions.pins().values() if pin.image}
    assert "bitnami" not in image


def test_every_image_of_the_table_runs_somewhere():
    made_by_runs = {pin.reference for name, pin in versions.pins().items() if name.startswith("programs-")}
    assert {image for _, image in IMAGES} | made_by_runs == {
        pin.reference for pin in versions.pins().values() if pin.image
    }


def test_the_derived_image_of_connect_is_the_table_s():
    text = (manifests.ROOT / "connect" / "Dockerfile").read_text()
    pin = versions.pins()["connect"]
    assert f"FROM {pin.reference}\n" in text
    assert all(f"install --no-prompt {each}\n" in text for each in pin.fetched)


@pytest.mark.parametrize("name", [name for name, pin in versions.pins().items() if pin.fetched])
def test_what_pods_fetch_is_what_the_table_says(name):
    (file,) = (manifests.ROOT / name).glob(f"*{name}.yaml")
    resources = [each for each in manifests.render(manifests.ROOT) if each.file == file]
    told = [text for each in resources for text in manifests.texts(each)]
    found = {coordinate for text in told for coordinate in _coordinates(text)}
    found |= {hub for text in told for hub in re.findall(r"=(confluentinc/[\w-]+:[\d.]+)", text)}
    assert found == set(versions.pins()[name].fetched)


def test_embedded_versions_are_those_that_are_locked():
    roots = {root.removesuffix(":tar.gz") for one in jarset.read().values() for root in one.roots}
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    told = {each for pin in versions.pins().values() for each in pin.embedded}
    assert told <= roots | set(dependencies)
    ours = ("org.apache.kafka:", "org.apache.hadoop:", "io.apicurio:")
    versions_told = {(each.split(":")[0], each.split(":")[2]) for each in told if each.startswith(ours)}
    assert {(each.split(":")[0], each.split(":")[2]) for each in roots if each.startswith(ours)} == versions_told


def test_image_and_embedded_part_are_one_version():
    pins = versions.pins()
    assert jarset.version("kafka", "kafka_2.13") == pins["kafka"].tag
    assert jarset.version("connect", "connect-runtime") == pins["kafka"].tag
    assert jarset.version("hdfs", "hadoop-client-minicluster") == pins["hdfs"].tag


def _coordinates(text: str) -> set[str]:
    found = set()
    for block in re.findall(r"<dependency>(.*?)</dependency>", text, re.DOTALL):
        parts = [
            re.search(rf"<{key}>(.*?)</{key}>", block) for key in ("groupId", "artifactId", "version", "classifier")
        ]
        found.add(":".join(part[1] for part in parts if part))
    return found
