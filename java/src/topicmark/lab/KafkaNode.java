package topicmark.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import kafka.tools.StorageTool;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.log4j.MDC;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * One Kafka node: a properties file, its data, and the servers while it runs.
 *
 * Made of Kafka's parts, as its own KafkaRaftServer is, because a reset needs what that one cannot: brokers that
 * leave without asking a controller, and a quorum that ends although nobody is left to take over.
 *
 * Each start has a thread group of its own, which every thread that Kafka starts inherits: by it a fatal fault
 * finds its node (the hooks of Kafka's Exit class are global to the JVM).
 */
final class KafkaNode {
    /** Credentials to format with, as StorageTool's --add-scram takes them; a key of ours that Kafka never sees. */
    private static final String SCRAM = "topicmark.scram";
    private static final Duration HAND_OVER = Duration.ofSeconds(20);
    private static final long NUDGE_MS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(KafkaNode.class);

    private enum State { STOPPED, STARTING, RUNNING, STOPPING, FAILED }

    final int id;
    private final Path file;
    private volatile State state = State.STOPPED;
    private volatile String message = "";
    private volatile ThreadGroup threads;
    private SharedServer shared;
    private ControllerServer controller;
    private BrokerServer broker;

    KafkaNode(Path file) throws IOException {
        this.file = file;
        this.id = Integer.parseInt(read().getProperty("node.id").trim());
    }

    /** Whether the thread belongs to the running server. */
    boolean owns(Thread thread) {
        ThreadGroup ours = threads;
        return ours != null && thread.getThreadGroup() != null && ours.parentOf(thread.getThreadGroup());
    }

    /** {@code 1=running}, {@code 2=failed: <message>}. */
    String describe() {
        return id + "=" + state.name().toLowerCase() + (state == State.FAILED ? ": " + message : "");
    }

    /** Formats the data folders that are empty and starts the servers; returns when the broker takes requests. */
    synchronized void start(String clusterId) throws Exception {
        if (state == State.RUNNING) {
            return;
        }
        close(true);
        state = State.STARTING;
        threads = new ThreadGroup("node-" + id);
        Throwable[] failure = new Throwable[1];
        Thread starter = new Thread(threads, () -> {
            MDC.put("node", id);
            try {
                format(clusterId);
                open();
            } catch (Throwable reason) {
                failure[0] = reason;
            }
        }, "start-" + id);
        starter.start();
        starter.join();
        if (failure[0] != null) {
            fail(failure[0].toString());
            LOG.error("node {} did not start", id, failure[0]);
            close(true);
            throw new IllegalStateException("node " + id + ": " + message);
        }
        if (state == State.STARTING) {
            state = State.RUNNING;
        }
    }

    /**
     * Shuts the servers down and returns when they are gone. Their data stays. In haste leadership is not handed
     * over: only for a node whose cluster goes with it, or that is broken.
     */
    synchronized void stop(boolean haste) {
        state = State.STOPPING;
        close(haste);
        state = State.STOPPED;
    }

    /** Marks the node as failed; the first message stays. */
    void fail(String reason) {
        if (state != State.FAILED) {
            message = reason == null ? "unknown" : reason.replaceAll("\\s+", " ");
            state = State.FAILED;
        }
    }

    /** After a fatal fault: takes the rest of the node down without a word to the others. */
    synchronized void abandon() {
        close(true);
    }

    /** Deletes all data. The node must be stopped. */
    synchronized void erase() throws IOException {
        for (Path folder : logDirs()) {
            if (Files.exists(folder)) {
                try (Stream<Path> content = Files.walk(folder)) {
                    for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        }
        state = State.STOPPED;
        message = "";
    }

    /** The cluster that the data belongs to; null if the node was never formatted. */
    String clusterId() throws IOException {
        for (Path folder : logDirs()) {
            Path meta = folder.resolve("meta.properties");
            if (Files.exists(meta)) {
                return load(meta).getProperty("cluster.id");
            }
        }
        return null;
    }

    private void open() throws IOException {
        Properties properties = read();
        properties.remove(SCRAM);
        Guard guard = new Guard(properties);
        KafkaConfig config = new KafkaConfig(properties, false);
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> folders =
            KafkaRaftServer.initializeLogDirs(config, LOG, "");
        shared = new SharedServer(
            config,
            folders._1(),
            Time.SYSTEM,
            Server.initializeMetrics(config, Time.SYSTEM, folders._1().clusterId().get()),
            CompletableFuture.completedFuture(QuorumConfig.parseVoterConnections(config.quorumVoters())),
            List.of(),
            new StandardFaultHandlerFactory());
        String roles = properties.getProperty("process.roles");
        if (roles.contains("controller")) {
            controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), guard.added(folders._2()));
            controller.startup();
        }
        if (roles.contains("broker")) {
            broker = new BrokerServer(shared);
            broker.startup();
        }
    }

    private void close(boolean haste) {
        if (broker != null) {
            quietly(() -> broker.shutdown(haste ? Duration.ZERO : HAND_OVER));
        }
        if (controller != null) {
            quietly(haste ? this::closeControllerNow : controller::shutdown);
        }
        broker = null;
        controller = null;
        shared = null;
        threads = null;
    }

    /**
     * The last members of a quorum wait five seconds each for a successor that will not come, and no setting
     * shortens that. A wait of no time, asked for until the controller is gone, takes its place.
     */
    private void closeControllerNow() {
        var raft = shared.raftManager() == null ? null : shared.raftManager().client();
        Thread closing = new Thread(threads, () -> quietly(controller::shutdown), "close-" + id);
        closing.start();
        try {
            closing.join(NUDGE_MS);
            while (closing.isAlive()) {
                if (raft != null) {
                    raft.shutdown(0);
                }
                closing.join(NUDGE_MS);
            }
        } catch (InterruptedException reason) {
            Thread.currentThread().interrupt();
        }
    }

    private void quietly(Runnable action) {
        try {
            action.run();
        } catch (Throwable reason) {
            LOG.warn("node {} did not stop cleanly", id, reason);
        }
    }

    private void format(String clusterId) throws IOException {
        if (clusterId() != null) {
            return;
        }
        for (Path folder : logDirs()) {
            Files.createDirectories(folder);
        }
        List<String> arguments = new ArrayList<>(
            List.of("format", "--cluster-id", clusterId, "--config", file.toString()));
        for (String credential : read().getProperty(SCRAM, "").split(";")) {
            if (!credential.isBlank()) {
                arguments.addAll(List.of("--add-scram", credential.trim()));
            }
        }
        int code = StorageTool.execute(arguments.toArray(new String[0]));
        if (code != 0) {
            throw new IOException("formatting ended with " + code);
        }
    }

    private List<Path> logDirs() throws IOException {
        return Stream.of(read().getProperty("log.dirs").split(",")).map(folder -> Path.of(folder.trim())).toList();
    }

    private Properties read() throws IOException {
        return load(file);
    }

    private static Properties load(Path file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        }
        return properties;
    }
}
