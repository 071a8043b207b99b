"""The first program in a sandbox: process 1 of its pid namespace. Standard library only, nothing of the grader.

Started as ``python -I -S -E - CONTROL CARGO`` with this file as standard input, or, in a container, from a file and
with the path of a unix socket, over which ``CARGO`` comes. ``CARGO`` is a file descriptor of the order: 8 bytes with
the length of a JSON object (big endian), the object, then the bytes of all files in a row.
``CONTROL`` is a SOCK_SEQPACKET socket to the grader:

1. out: ``{"listeners": [index, …], "dns": bool}`` with descriptors: terminal, /proc, scratch folders, dns, listeners
2. in: ``go`` once the network is connected. Then the program starts as a child of this process
3. in: ``signal N`` at any time; end of file means that the grader is gone
4. out: ``{"status": wait status}`` of the program, or ``{"fault": text}`` if it could not be started through no fault
   of its own. Then this process ends, and with it the whole namespace
"""

# pathlib and contextlib take longer to import than all the rest here.
# ruff: noqa: PTH103, PTH108, PTH110, PTH118, PTH120, PTH123, PTH208, PTH211, S606, BLE001
from __future__ import annotations

import array
import errno
import fcntl
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import termios

MYPY = False  # mypy takes this for True; importing typing at every start would cost milliseconds
if MYPY:
    from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
CAP_KILL = 5
CLONE_NEWUSER = 0x10000000
CAPABILITY_VERSION_3 = 0x20080522
TERMINAL_ROWS, TERMINAL_COLUMNS = 50, 4096
NOT_FOUND, NOT_EXECUTABLE = 127, 126


def plugged(words: list[str]) -> tuple[socket.socket, int]:
    """The control socket and the cargo's descriptor, both inherited, or got by calling at the path of a socket."""
    if len(words) == 2:
        return socket.socket(fileno=int(words[0])), int(words[1])
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.connect(words[0])
    return control, socket.recv_fds(control, 16, 1)[1][0]


def read_cargo(fd: int) -> tuple[dict[str, Any], int]:
    """The order and the offset at which the files' bytes begin."""
    (length,) = struct.unpack(">Q", os.pread(fd, 8, 0))
    return json.loads(os.pread(fd, length, 8)), 8 + length


def listen(entries: list[tuple[int, str, int]]) -> tuple[list[int], list[socket.socket]]:
    """One listening socket per ``[index, address, port]``; addresses that do not exist here (no IPv6) are left out."""
    indices, sockets = [], []
    for index, address, port in entries:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address, port))
            listener.listen(256)
        except OSError:
            if family == socket.AF_INET6:
                continue
            raise
        indices.append(index)
        sockets.append(listener)
    return indices, sockets


def open_dns() -> socket.socket | None:
    """The socket of the sandbox's name server, or None where port 53 may not be bound."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        server.bind(("127.0.0.1", 53))
    except OSError:
        server.close()
        return None
    return server


def open_terminal() -> tuple[int, int]:
    """Both ends of a raw pseudo-terminal: no echo, no rewriting of line ends, so wide that nothing wraps."""
    terminal, slave = os.openpty()
    settings = termios.tcgetattr(slave)
    settings[0] = 0
    settings[1] = 0
    settings[2] = (settings[2] & ~(termios.CSIZE | termios.PARENB)) | termios.CS8
    settings[3] = 0
    settings[6][termios.VMIN] = 1
    settings[6][termios.VTIME] = 0
    termios.tcsetattr(slave, termios.TCSANOW, settings)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", TERMINAL_ROWS, TERMINAL_COLUMNS, 0, 0))
    return terminal, slave


def harden(weak: bool) -> None:
    """Die with the grader, be out of reach of the program, pass no capability on."""
    libc = c_library()
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if weak:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        return
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "the ambient capabilities cannot be cleared")
    keep_capabilities(0xFFFFFFFF)


def keep_capabilities(mask: int) -> None:
    """Give up all capabilities but those of the mask (of the first 32), and inherit none."""
    import ctypes

    libc = c_library()
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    sets = ctypes.create_string_buffer(24)  # twice effective, permitted, inheritable
    check(libc.capget(header, sets), "the capabilities cannot be read")
    effective, permitted = struct.unpack("=6I", sets.raw)[:2]
    kept = struct.pack("=6I", effective & mask, permitted & mask, 0, 0, 0, 0)
    check(libc.capset(header, kept), "the capabilities cannot be given up")


def unpack(order: dict[str, Any], cargo: int, offset: int) -> None:
    """Write the tree and the extra files into the scratch folder. Links come last: nothing is written through one."""
    root = order["tree"]
    os.makedirs(root, exist_ok=True)
    for folder in order["folders"]:
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for name, mode, size in order["files"]:
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            end = offset + size
            while offset < end:
                data = os.pread(cargo, min(1 << 20, end - offset), offset)
                if not data:
                    raise OSError(errno.EIO, "the order ended early")
                offset += len(data)
                while data:
                    data = data[os.write(fd, data) :]
            os.fchmod(fd, mode)
        finally:
            os.close(fd)
    for name, target in order["links"]:
        os.symlink(target, os.path.join(root, name))


def limit(order: dict[str, Any]) -> None:
    """Resource limits of the program and its children; values above the hard limit are lowered to it."""
    for name, value in order["rlimits"].items():
        which = getattr(resource, name, None)
        if which is None:
            continue
        hard = resource.getrlimit(which)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (ceiling, ceiling))


def become_student(order: dict[str, Any]) -> None:
    """Take the student's user id: a real one if this process is really root, else one in a user namespace.

    A nested user namespace, because the one around it owns the network and so must be left with the right to port 53.
    """
    if order["uid"] is not None:
        os.setgroups([])
        os.setgid(order["uid"])
        os.setuid(order["uid"])
    elif not order["weak"]:
        libc = c_library()
        libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or the maps would belong to root
        user, group = os.geteuid(), os.getegid()
        check(libc.unshare(CLONE_NEWUSER), "no user namespace for the program")
        for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {user} 1"), ("gid_map", f"1000 {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def filter_calls(rules: str) -> None:
    """Install a seccomp filter, given as the hexadecimal digits of its instructions, for good."""
    import ctypes

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    instructions = bytes.fromhex(rules)
    program = Program(len(instructions) // 8, instructions)
    check(c_library().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "no seccomp filter")


def c_library() -> Any:
    """libc, for the calls that Python's standard library does not have."""
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def check(result: int, complaint: str) -> None:
    """Raise OSError for the -1 of a system call."""
    import ctypes

    if result == -1:
        raise OSError(ctypes.get_errno(), f"{complaint}: {os.strerror(ctypes.get_errno())}")


def fail(message: str, code: int) -> None:
    """A message on the program's terminal, then the end."""
    os.write(2, f"topicmark: {message}\n".encode("utf-8", "replace"))
    os._exit(code)


def run_program(order: dict[str, Any], cargo: int, offset: int, slave: int) -> None:
    """In the child: turn into the program. Raises OSError or ValueError for what is not the program's fault."""
    os.setpgid(0, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.nice(order["nice"])
    become_student(order)
    os.umask(0o022)
    unpack(order, cargo, offset)
    try:
        os.chdir(os.path.join(order["tree"], order["workdir"]))
    except OSError:
        fail(f"there is no folder {order['workdir']!r} in the submission", NOT_EXECUTABLE)
    limit(order)
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            try:
                signal.signal(number, signal.SIG_DFL)
            except (OSError, ValueError):
                continue
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if order["filter"]:
        filter_calls(order["filter"])
    try:
        execute(order["argv"], order["env"])
    except OSError as error:
        explain(order["argv"][0], error)


def execute(argv: list[str], environment: dict[str, str]) -> None:
    """As a shell does: search the PATH, and give a text file without ``#!`` to sh. Returns only by an OSError."""
    try:
        os.execvpe(argv[0], argv, environment)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        folders = [""] if "/" in argv[0] else environment.get("PATH", "").split(":")
        for folder in folders:
            script = os.path.join(folder, argv[0])
            if os.access(script, os.X_OK):
                os.execve("/bin/sh", ["sh", script, *argv[1:]], environment)
        raise


def explain(name: str, error: OSError) -> None:
    """Say why the program could not be started, with the exit code a shell would give."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if "/" in name and os.path.exists(name):
            fail(f"{name}: the interpreter named in its first line was not found (Windows line ends?)", NOT_FOUND)
        fail(f"{name}: not found", NOT_FOUND)
    if error.errno == errno.EACCES:
        fail(f"{name}: permission denied (not executable?)", NOT_EXECUTABLE)
    fail(f"{name}: cannot be started: {error.strerror}", NOT_EXECUTABLE)


def others_left() -> bool:
    """Whether this process still has children."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def reap(program: int) -> int | None:
    """Collect every child that ended. The wait status of the program if it was among them."""
    status = None
    while True:
        try:
            pid, found = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == program:
            status = found


def attend(control: socket.socket, program: int, wake: int, until_last: bool) -> int | None:
    """Wait for the end of the program, passing on signals. None if the grader is gone or asks for the end."""
    poll = select.poll()
    poll.register(control, select.POLLIN | select.POLLHUP)
    poll.register(wake, select.POLLIN)
    status = None
    while True:
        found = reap(program)
        status = found if found is not None else status
        if status is not None and not (until_last and others_left()):
            return status
        for fd, _ in poll.poll():
            if fd == wake:
                os.read(wake, 4096)
                continue
            try:
                message = control.recv(64)
            except ConnectionError:
                return status
            if not message:
                return status
            try:
                os.killpg(program, int(message.split()[1]))
            except ProcessLookupError:
                pass  # the program ended meanwhile


def main() -> None:
    control, cargo = plugged(sys.argv[1:])
    for name in os.listdir("/proc/self/fd"):
        try:
            os.set_inheritable(int(name), int(name) <= 2)
        except OSError:
            continue
    order, offset = read_cargo(cargo)
    indices, sockets = listen(order["listeners"])
    dns = open_dns() if order["dns"] else None
    harden(order["weak"])
    terminal, slave = open_terminal()
    folders = [os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in ["/proc", *order["scratch"]]]
    fds = [terminal, *folders, *([dns.fileno()] if dns else []), *(one.fileno() for one in sockets)]
    hello = json.dumps({"listeners": indices, "dns": dns is not None}).encode()
    control.sendmsg([hello], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
    for fd in (terminal, *folders):
        os.close(fd)
    for one in [*sockets, *([dns] if dns else [])]:
        one.close()
    if control.recv(16) != b"go":
        return

    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    program = os.fork()
    if program == 0:
        signal.set_wakeup_fd(-1)
        try:
            run_program(order, cargo, offset, slave)
        except (OSError, ValueError) as error:
            control.send(json.dumps({"fault": str(error)}).encode())
        os._exit(NOT_EXECUTABLE)
    try:
        os.setpgid(program, program)
    except OSError:
        pass  # the child did it first, and may have turned into the program already
    os.close(cargo)
    if not order["weak"]:
        keep_capabilities(1 << CAP_KILL)
    status = attend(control, program, wake, order["until_last"])
    if status is not None:
        try:
            control.send(json.dumps({"status": status}).encode())
        except OSError:
            pass  # the grader is gone; ending is all that is left to do
    if order["weak"]:
        sweep()


def sweep() -> None:
    """Without a pid namespace: end what is left, which all became children of this process."""
    while others_left():
        with open(f"/proc/self/task/{os.getpid()}/children") as children:
            for pid in children.read().split():
                os.kill(int(pid), signal.SIGKILL)
        reap(-1)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)
