package io.confluent.connect.hdfs;

import java.time.Instant;
import java.time.ZoneId;

/** When a file is full or old enough. Times are the worker's clock, in milliseconds since the epoch. */
final class Rotation {
    private final int flushSize;
    private final long intervalMs;
    private final long scheduleMs;
    private final ZoneId zone;
    private long startedMs;
    private long scheduledMs;

    Rotation(HdfsSinkConnectorConfig config) {
        flushSize = config.flushSize;
        intervalMs = config.rotateIntervalMs;
        scheduleMs = config.rotateScheduleIntervalMs;
        zone = scheduleMs > 0 ? config.timezone() : null;
    }

    /** A new file may begin: both clocks count from now. */
    void restart(long nowMs) {
        startedMs = nowMs;
        if (scheduleMs > 0) {
            long midnightMs = Instant.ofEpochMilli(nowMs).atZone(zone).toLocalDate().atStartOfDay(zone).toInstant()
                .toEpochMilli();
            scheduledMs = midnightMs + ((nowMs - midnightMs) / scheduleMs + 1) * scheduleMs;
        }
    }

    boolean isDue(int count, long nowMs) {
        return count >= flushSize
            || intervalMs > 0 && nowMs - startedMs >= intervalMs
            || scheduleMs > 0 && nowMs >= scheduledMs;
    }
}
