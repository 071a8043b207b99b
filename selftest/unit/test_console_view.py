"""A console that runs: whether it finds Kafka, and whether it is this Kafka."""

from __future__ import annotations

import pytest
import requests

from selftest.consoles import console
from topicmark.observe.console import ConsoleView

HOST = "kafka-controller-{}.kafka-controller-headless.default.svc.cluster.local"
BROKERS = {number: (HOST.format(number), 9092) for number in range(3)}
SHOWN = {number: host for number, (host, _) in BROKERS.items()}
LOCAL = {number: (f"127.70.1.4{number}", 19092) for number in range(3)}


def test_one_that_finds_its_kafka() -> None:
    with console(SHOWN, ["INGESTION"]) as url:
        view = ConsoleView(url)
        assert view.ailment() == ""
        assert view.stranger(BROKERS, []) == ""


def test_one_that_does_not_says_so() -> None:
    with console(SHOWN, [], kafka_ok=False) as url:
        ailment = ConsoleView(url).ailment()
    assert "/admin/startup answers 503" in ailment
    assert "isKafkaOk" in ailment


@pytest.mark.parametrize(
    "said",
    [
        {"/admin/startup": {"isHttpOk": True, "isKafkaOk": False}},
        {"/admin/startup": "a page"},
        {"/api/brokers": (500, {"message": "no broker answers"})},
    ],
)
def test_one_that_says_200_and_has_no_kafka(said: dict[str, object]) -> None:
    with console(SHOWN, [], answers=said) as url:
        assert ConsoleView(url).ailment().startswith(f"GET {next(iter(said))} answers ")


def test_another_cluster_by_its_brokers() -> None:
    with console({7: "elsewhere"}, []) as url:
        assert "7 at elsewhere" in ConsoleView(url).stranger(BROKERS, [])


def test_by_another_listener_the_topics_decide() -> None:
    with console(SHOWN, ["INGESTION", "test"]) as url:
        view = ConsoleView(url)
        assert view.stranger(LOCAL, ["test", "INGESTION"]) == ""
        assert "other topics than the cluster has: orders" in view.stranger(LOCAL, ["INGESTION", "orders", "test"])


@pytest.mark.parametrize("said", [{}, [], {"brokers": None}, {"brokers": [{"id": 1}]}, "text"])
def test_one_that_does_not_tell_its_brokers_is_believed(said: object) -> None:
    with console(SHOWN, [], answers={"/api/brokers": said}) as url:
        assert ConsoleView(url).stranger(BROKERS, []) == ""


def test_an_address_with_the_port_in_it() -> None:
    with console({number: f"{host}:9092" for number, host in SHOWN.items()}, ["x"]) as url:
        assert ConsoleView(url).stranger(BROKERS, []) == ""


def test_nobody_there() -> None:
    with pytest.raises(requests.RequestException):
        ConsoleView("http://127.0.0.1:1").ailment()
