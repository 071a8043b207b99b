package io.confluent.connect.hdfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who holds a lease on a file, told in the name that HDFS's client goes by: its connector and its process.
 *
 * HDFS itself frees a dead client's lease after a minute only, and recoverLease takes it from the living as well.
 * With these names the next owner knows: a holder of the same connector has lost the partition (the consumer group
 * gave it to us), a holder whose process is gone is dead, and any other is alive and to be waited for.
 */
record LeaseHolder(String connector, String pidSpace, long pid, long startedMs) {
    private static final Pattern LABEL =
        Pattern.compile("topicmark-([0-9a-f]{12})-([0-9a-f]{12})-(\\d+)-(\\d+)_");
    /** The start of a process is worked out from the machine's boot time, which may move by a tick. */
    private static final long START_TOLERANCE_MS = 2000;

    private static final String PID_SPACE = digest(findPidSpace());

    static LeaseHolder self(String connectorName) {
        ProcessHandle process = ProcessHandle.current();
        return new LeaseHolder(digest(connectorName), PID_SPACE, process.pid(), started(process));
    }

    /** The holder named in HDFS's refusal; null if it is no client of ours. */
    static LeaseHolder named(String message) {
        // the refusal first names the client that asks, then the one that holds
        int owner = message == null ? -1 : message.indexOf("owned by");
        Matcher label = LABEL.matcher(owner < 0 ? "" : message.substring(owner));
        if (!label.find()) {
            return null;
        }
        return new LeaseHolder(
            label.group(1), label.group(2), Long.parseLong(label.group(3)), Long.parseLong(label.group(4)));
    }

    String label() {
        return "topicmark-" + connector + "-" + pidSpace + "-" + pid + "-" + startedMs;
    }

    /** Whether its lease may be taken now by this one. */
    boolean givesWayTo(LeaseHolder other) {
        return connector.equals(other.connector) || pidSpace.equals(other.pidSpace) && !isAlive();
    }

    private boolean isAlive() {
        return ProcessHandle.of(pid)
            .map(process -> process.isAlive() && Math.abs(started(process) - startedMs) <= START_TOLERANCE_MS)
            .orElse(false);
    }

    private static long started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String digest(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString().replace("-", "").substring(0, 12);
    }

    /** What process ids are unique in: the machine since it was started, and the namespace. Host names may not resolve. */
    private static String findPidSpace() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim()
                + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException unknown) {
            // the same for nobody: no process elsewhere is ever taken for dead
            return UUID.randomUUID().toString();
        }
    }
}
