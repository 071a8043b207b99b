"""The stand-in for curl, against a server that says what it was asked."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import topicmark.backends

CURL = Path(topicmark.backends.__file__).parent / "bin" / "curl"


class Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = {
            "method": self.command,
            "path": self.path,
            "body": self.rfile.read(length).decode(),
            "type": self.headers.get("Content-Type"),
            "accept": self.headers.get("Accept"),
        }
        self.send_response(404 if "missing" in self.path else 200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url():
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def curl(*arguments: str, cwd: Path | None = None, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(CURL), *arguments], cwd=cwd, input=text, capture_output=True, text=True)


def test_a_plain_get(url):
    assert json.loads(curl("-s", f"{url}/connectors").stdout) == {
        "method": "GET",
        "path": "/connectors",
        "body": "",
        "type": None,
        "accept": "*/*",
    }


def test_options_may_follow_the_url_and_stand_together(url):
    done = curl(f"{url}/connectors", "-sSX", "POST", "-HContent-Type: application/json", "--data", '{"a":\n1}')
    assert json.loads(done.stdout) | {"accept": ""} == {
        "method": "POST",
        "path": "/connectors",
        "body": '{"a":\n1}',
        "type": "application/json",
        "accept": "",
    }


def test_data_means_post_and_a_form(url):
    told = json.loads(curl("-d", "a=1", "-d", "b=2", url).stdout)
    assert (told["method"], told["body"], told["type"]) == ("POST", "a=1&b=2", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(("option", "body"), [("-d", '{"a":1}'), ("--data-binary", '{"a":\r\n1}\n')])
def test_a_body_from_a_file(url, tmp_path, option, body):
    (tmp_path / "sink.json").write_bytes(b'{"a":\r\n1}\n')
    assert json.loads(curl("-X", "PUT", option, "@sink.json", url, cwd=tmp_path).stdout)["body"] == body


def test_a_body_from_standard_input(url):
    assert json.loads(curl("--json", "@-", url, text="{}").stdout)["type"] == "application/json"


def test_status_and_headers_can_be_shown(url):
    assert curl("-i", url).stdout.startswith("HTTP/1.1 200 OK\n")
    assert curl("-s", "-o", "/dev/null", "-w", "%{http_code}\\n", f"{url}/missing").stdout == "404\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["http://127.0.0.1:1/"], 7, "port 1"),
        (["http://nobody.invalid/"], 6, "nobody.invalid"),
        (["-d", "@none.json", "http://127.0.0.1:1/"], 26, "none.json"),
        (["https://127.0.0.1/"], 1, "https"),
        (["--no-such-option", "http://127.0.0.1:1/"], 2, "no-such-option"),
        ([], 2, "no URL"),
    ],
)
def test_what_goes_wrong_is_told(arguments, code, said):
    done = curl(*arguments)
    assert done.returncode == code
    assert said in done.stderr


def test_fail_turns_an_error_into_an_exit_code(url):
    done = curl("-f", f"{url}/missing")
    assert (done.returncode, done.stdout) == (22, "")
