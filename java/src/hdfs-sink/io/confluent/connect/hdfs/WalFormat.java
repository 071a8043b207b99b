package io.confluent.connect.hdfs;

import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.apache.hadoop.io.DataOutputBuffer;
import org.apache.hadoop.io.WritableUtils;

/**
 * The bytes of a write-ahead log, as recorded from Confluent's.
 *
 * Header: {@code WAL}, a zero, sixteen random bytes (the sync marker). A record: its length and its key's length as
 * four bytes each, key, value, both text that begins with its length as Hadoop's variable-length integer. A
 * transaction: BEGIN with an empty value, temporary file to committed file, END. Where a writer goes on in an old
 * file, and every 2000 bytes, stand four bytes of -1 and the marker.
 */
final class WalFormat {
    static final int HEADER_BYTES = 20;
    static final int SYNC_EVERY_BYTES = 2000;
    private static final byte[] MAGIC = {'W', 'A', 'L', 0};
    private static final int SYNC_ESCAPE = -1;
    private static final int LONGEST_RECORD_BYTES = 1 << 20;

    /** One file's two names. */
    record Move(String temporary, String committed) {
    }

    private WalFormat() {
    }

    static void writeHeader(DataOutput out, byte[] marker) throws IOException {
        out.write(MAGIC);
        out.write(marker);
    }

    static void writeSync(DataOutput out, byte[] marker) throws IOException {
        out.writeInt(SYNC_ESCAPE);
        out.write(marker);
    }

    static void writeRecord(DataOutput out, String key, String value) throws IOException {
        DataOutputBuffer body = new DataOutputBuffer();
        writeText(body, key);
        int keyBytes = body.getLength();
        writeText(body, value);
        out.writeInt(body.getLength());
        out.writeInt(keyBytes);
        out.write(body.getData(), 0, body.getLength());
    }

    /** The sync marker of a log; null if the file ends before it or does not begin as one. */
    static byte[] readMarker(DataInputStream in) throws IOException {
        byte[] header = in.readNBytes(HEADER_BYTES);
        boolean whole = header.length == HEADER_BYTES && Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        return whole ? Arrays.copyOfRange(header, MAGIC.length, HEADER_BYTES) : null;
    }

    /** The moves of the last transaction that has its END, after the header. A writer that died may have left half of one. */
    static List<Move> readLastTransaction(DataInputStream in) throws IOException {
        List<Move> complete = List.of();
        List<Move> open = null;
        try {
            while (true) {
                int recordBytes = in.readInt();
                if (recordBytes == SYNC_ESCAPE) {
                    in.skipNBytes(HEADER_BYTES - MAGIC.length);
                    continue;
                }
                int keyBytes = in.readInt();
                if (keyBytes < 1 || keyBytes > recordBytes || recordBytes > LONGEST_RECORD_BYTES) {
                    return complete;
                }
                byte[] body = in.readNBytes(recordBytes);
                if (body.length < recordBytes) {
                    return complete;
                }
                String key = readText(body, 0, keyBytes);
                if (key.equals("BEGIN")) {
                    open = new ArrayList<>();
                } else if (key.equals("END")) {
                    complete = open == null ? complete : open;
                    open = null;
                } else if (open != null) {
                    open.add(new Move(key, readText(body, keyBytes, recordBytes)));
                }
            }
        } catch (EOFException end) {
            return complete;
        }
    }

    private static void writeText(DataOutput out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        WritableUtils.writeVInt(out, bytes.length);
        out.write(bytes);
    }

    private static String readText(byte[] body, int from, int to) {
        int text = from + (from < to ? WritableUtils.decodeVIntSize(body[from]) : 0);
        return text > to ? "" : new String(body, text, to - text, StandardCharsets.UTF_8);
    }
}
