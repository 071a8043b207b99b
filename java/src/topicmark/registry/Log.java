package topicmark.registry;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;

/** The front's own log, line by line on disk: Quarkus holds back what is logged before it is up. */
final class Log {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    private final Path file;

    Log(Path file) {
        this.file = file;
    }

    void warn(String message) {
        write("WARN", message);
    }

    void error(String message, Throwable reason) {
        StringWriter trace = new StringWriter();
        reason.printStackTrace(new PrintWriter(trace));
        write("ERROR", message + "\n" + trace.toString().stripTrailing());
    }

    private synchronized void write(String level, String message) {
        String line = LocalTime.now().format(TIME) + " " + level + " SchemaRegistry: " + message + "\n";
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException reason) {
            System.err.println(line + reason);
        }
    }
}
