package io.confluent.connect.hdfs;

import java.time.Instant;
import java.time.ZoneId;

/**
 * When a file is full or old enough. The schedule goes by the worker's clock, in milliseconds since the epoch; the
 * interval by one that cannot be set.
 */
final class Rotation {
    private final int flushSize;
    private final long intervalMs;
    private final long scheduleMs;
    private final ZoneId zone;
    private long startedNs;
    private long scheduledMs;

    Rotation(HdfsSinkConnectorConfig config) {
        flushSize = config.flushSize;
        intervalMs = config.rotateIntervalMs;
        scheduleMs = config.rotateScheduleIntervalMs;
        zone = scheduleMs > 0 ? config.timezone() : null;
    }

    /** A new file may begin: both clocks count from now. */
    void restart(long nowMs) {
        startedNs = System.nanoTime();
        if (scheduleMs > 0) {
            long midnightMs = Instant.ofEpochMilli(nowMs).atZone(zone).toLocalDate().atStartOfDay(zone).toInstant()
                .toEpochMilli();
            scheduledMs = midnightMs + ((nowMs - midnightMs) / scheduleMs + 1) * scheduleMs;
        }
    }

    boolean isDue(int count, long nowMs) {
        return count >= flushSize
            || intervalMs > 0 && (System.nanoTime() - startedNs) / 1_000_000 >= intervalMs
            || scheduleMs > 0 && nowMs >= scheduledMs;
    }
}
