package topicmark.connect;

import java.io.IOException;

import org.apache.kafka.connect.cli.ConnectDistributed;

/**
 * Kafka's own distributed worker: {@code Worker worker.properties}.
 *
 * It ends when its standard input does, unless {@code -Dtopicmark.detached=true}: a lab's processes do not outlive
 * the one that started them, however that one ends.
 */
public final class Worker {
    private Worker() {
    }

    public static void main(String[] arguments) {
        if (!Boolean.getBoolean("topicmark.detached")) {
            Thread parent = new Thread(Worker::endWithParent, "parent");
            parent.setDaemon(true);
            parent.start();
        }
        ConnectDistributed.main(arguments);
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // whatever the parent writes means that it lives
            }
        } catch (IOException reason) {
            System.err.println("standard input: " + reason);
        }
        Runtime.getRuntime().halt(0);
    }
}
