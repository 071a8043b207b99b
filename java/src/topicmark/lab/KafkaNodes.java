package topicmark.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import com.yammer.metrics.core.MetricsRegistry;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.server.metrics.KafkaYammerMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes of a lab's Kafka cluster in one JVM: {@code KafkaNodes CONTROL_SOCKET node1.properties …}.
 *
 * Each connection to the unix-domain socket sends one line and gets one line: {@code status}, {@code start N},
 * {@code stop N}, {@code recycle}, {@code quit}. All but status answer {@code ok} when done, or {@code error: …}.
 * The JVM ends when its standard input does, unless {@code -Dtopicmark.detached=true}.
 */
public final class KafkaNodes {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaNodes.class);

    private final List<KafkaNode> nodes = new ArrayList<>();
    private final Object changing = new Object();

    private KafkaNodes(List<Path> files) throws IOException {
        for (Path file : files) {
            nodes.add(new KafkaNode(file));
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (!Boolean.getBoolean("topicmark.detached")) {
            daemon("parent", KafkaNodes::endWithParent);
        }
        Path socket = Path.of(arguments[0]);
        List<Path> files = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            files.add(Path.of(arguments[i]));
        }
        KafkaNodes lab = new KafkaNodes(files);
        lab.surviveFaults();
        Files.deleteIfExists(socket);
        try (ServerSocketChannel control = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            control.bind(UnixDomainSocketAddress.of(socket));
            daemon("start", lab::startAll);
            while (true) {
                SocketChannel connection = control.accept();
                daemon("control", () -> lab.serve(connection));
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            BufferedReader in = new BufferedReader(
                new InputStreamReader(Channels.newInputStream(connection), StandardCharsets.UTF_8));
            String command = in.readLine();
            if (command != null) {
                connection.write(ByteBuffer.wrap((answer(command.trim()) + "\n").getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException reason) {
            LOG.warn("control connection", reason);
        }
    }

    private String answer(String command) {
        if (command.equals("status")) {
            return nodes.stream().map(KafkaNode::describe).collect(Collectors.joining("\t"));
        }
        if (command.equals("quit")) {
            Runtime.getRuntime().halt(0);
        }
        String[] words = command.split(" ");
        synchronized (changing) {
            try {
                switch (words[0]) {
                    case "start" -> node(words[1]).start(clusterId());
                    case "stop" -> node(words[1]).stop(false);
                    case "recycle" -> recycle();
                    default -> throw new IllegalArgumentException("unknown command: " + command);
                }
                return "ok";
            } catch (Exception reason) {
                return "error: " + reason.toString().replaceAll("\\s+", " ");
            }
        }
    }

    private void startAll() {
        synchronized (changing) {
            try {
                startTogether();
            } catch (Exception reason) {
                LOG.error("not all nodes started", reason);
            }
        }
    }

    /** A quorum needs its members at once: no node of a new cluster gets ready alone. */
    private void startTogether() throws Exception {
        String clusterId = clusterId();
        together(node -> node.start(clusterId));
    }

    /** A new, empty cluster in the same JVM: everything stopped and deleted, the properties read anew. */
    private void recycle() throws Exception {
        long begun = System.nanoTime();
        together(node -> node.stop(true));
        // Yammer's registry is global: what a stopped node left in it would keep that node's objects alive.
        MetricsRegistry registry = KafkaYammerMetrics.defaultRegistry();
        List.copyOf(registry.allMetrics().keySet()).forEach(registry::removeMetric);
        together(KafkaNode::erase);
        long empty = System.nanoTime();
        startTogether();
        LOG.info("recycled: stopped and emptied in {} ms, started in {} ms",
            (empty - begun) / 1_000_000, (System.nanoTime() - empty) / 1_000_000);
    }

    private String clusterId() throws IOException {
        for (KafkaNode node : nodes) {
            String known = node.clusterId();
            if (known != null) {
                return known;
            }
        }
        return Uuid.randomUuid().toString();
    }

    private KafkaNode node(String id) {
        return nodes.stream().filter(node -> String.valueOf(node.id).equals(id)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no node " + id));
    }

    /** Kafka asks to end the process on a fatal fault. That ends the node at fault; the others go on. */
    private void surviveFaults() {
        Exit.Procedure procedure = (code, message) -> {
            Thread thread = Thread.currentThread();
            String reason = "fatal fault in " + thread.getName() + ", code " + code
                + (message == null ? "" : ": " + message);
            LOG.error(reason, new Throwable("where"));
            nodes.stream().filter(node -> node.owns(thread)).findFirst().ifPresent(node -> {
                node.fail(reason);
                daemon("abandon-" + node.id, node::abandon);
            });
            throw new NodeEnded(reason);
        };
        Exit.setExitProcedure(procedure);
        Exit.setHaltProcedure(procedure);
    }

    private interface Action {
        void on(KafkaNode node) throws Exception;
    }

    private void together(Action action) throws Exception {
        Exception[] failure = new Exception[1];
        List<Thread> threads = nodes.stream().map(node -> daemon("node-" + node.id, () -> {
            try {
                action.on(node);
            } catch (Exception reason) {
                failure[0] = reason;
            }
        })).toList();
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // whatever the parent writes means that it lives
            }
        } catch (IOException reason) {
            LOG.warn("standard input", reason);
        }
        Runtime.getRuntime().halt(0);
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Takes the place of the end of the process in the thread that asked for it. */
    private static final class NodeEnded extends Error {
        private static final long serialVersionUID = 1L;

        NodeEnded(String reason) {
            super(reason);
        }
    }
}
