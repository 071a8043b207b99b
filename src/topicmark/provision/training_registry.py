"""The training run whose classes go into the registry's archive: one schema registered, fetched and refused."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import requests

from topicmark.model import LabFault
from topicmark.provision.training import broker
from topicmark.waiting import Deadline, WaitExpired, eventually

LAUNCHER = "topicmark.registry.RegistryFront"
_WITHIN_S = 120


def train(command: Sequence[str], kafka: Sequence[str]) -> None:
    """Run the registry once, beside a broker. ``command`` and ``kafka`` are everything up to the main class.

    Raises ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with broker(kafka) as kafka_broker, tempfile.TemporaryDirectory(prefix="topicmark-") as name:
        folder = Path(name)
        settings = {
            "topicmark.log": f"{folder}/registry.log", "topicmark.host": kafka_broker.free_address,
            "topicmark.port": "8081", "topicmark.backend.port": "18081",
            "kafkastore.bootstrap.servers": kafka_broker.address,
        }  # fmt: skip
        lines = "".join(f"{key}={value}\n" for key, value in settings.items())
        (folder / "registry.properties").write_text(lines, encoding="utf-8")
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                [*command, LAUNCHER, "registry.properties"],
                cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            _exercise(process, f"http://{kafka_broker.free_address}:8081", deadline)
            process.terminate()  # a list of loaded classes is written at an orderly end only
            process.wait(deadline.left_s + 1)
        except (WaitExpired, OSError, requests.RequestException, subprocess.TimeoutExpired) as error:
            text = "".join(file.read_text(errors="replace")[-4000:] for file in folder.glob("*o*[tg]"))
            raise LabFault(f"the registry's training run: {error}", service="provision", log=text) from error
        finally:
            process.kill()
            process.wait()


def _exercise(process: subprocess.Popen[bytes], url: str, deadline: Deadline) -> None:
    def alive() -> None:
        if process.poll() is not None:
            raise OSError(f"the registry ended with {process.returncode}")

    def ask(method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(method, url + path, json=body, timeout=30)

    def schema(field_type: str) -> dict[str, str]:
        fields = [{"name": "a", "type": field_type}]
        return {"schema": json.dumps({"type": "record", "name": "R", "fields": fields})}

    eventually(
        lambda: ask("GET", "/").status_code, lambda status: status == 200, within=deadline,
        describe="the registry", retry_on=(requests.RequestException,), watch=alive,
    )  # fmt: skip
    for field_type in ("int", "string", "nonsense"):
        ask("POST", "/subjects/training/versions", schema(field_type))
        ask("POST", "/compatibility/subjects/training/versions/latest", schema(field_type))
    ask("POST", "/subjects/json/versions", {"schemaType": "JSON", "schema": '{"type": "object"}'})
    ask("PUT", "/config", {"compatibility": "FULL"})
    for path in (
        "/subjects",
        "/schemas/ids/1",
        "/subjects/training/versions/latest",
        "/schemas/types",
        "/schemas/ids/9",
    ):
        ask("GET", path)
    ask("DELETE", "/subjects/training")
