package io.confluent.connect.hdfs;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
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
record LeaseHolder(String connector, String host, long pid, long startedMs) {
    private static final Pattern LABEL =
        Pattern.compile("topicmark-([0-9a-f]{12})-([0-9a-f]{12})-(\\d+)-(\\d+)_");
    /** The start of a process is worked out from the machine's boot time, which may move by a tick. */
    private static final long START_TOLERANCE_MS = 2000;

    static LeaseHolder self(String connectorName) {
        ProcessHandle process = ProcessHandle.current();
        return new LeaseHolder(digest(connectorName), digest(hostName()), process.pid(), started(process));
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
        return "topicmark-" + connector + "-" + host + "-" + pid + "-" + startedMs;
    }

    /** Whether its lease may be taken now by this one. */
    boolean givesWayTo(LeaseHolder other) {
        return connector.equals(other.connector) || host.equals(other.host) && !isAlive();
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

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().toString();
        } catch (UnknownHostException reason) {
            return reason.getMessage();
        }
    }
}
