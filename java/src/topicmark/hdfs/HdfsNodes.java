package topicmark.hdfs;

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

import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.hadoop.util.ExitUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes of a lab's HDFS in one JVM: {@code HdfsNodes CONTROL_SOCKET DATA_FOLDER NAMENODE DATANODE…}, the last
 * ones addresses. The name {@code namenode} must resolve to the first.
 *
 * Each connection to the unix-domain socket sends one line and gets one line: {@code status}, {@code start NAME},
 * {@code stop NAME}, {@code reset}, {@code quit}. All but status answer {@code ok} when done, or {@code error: …}.
 * The JVM ends when its standard input does, unless {@code -Dtopicmark.detached=true}.
 */
public final class HdfsNodes {
    private static final Logger LOG = LoggerFactory.getLogger(HdfsNodes.class);
    private static final long SAFE_MODE_WITHIN_NS = 60_000_000_000L;
    private static final long LOOK_EVERY_MS = 5;

    private final NameNodeSeat namenode;
    private final List<DataNodeSeat> datanodes = new ArrayList<>();
    private final Object changing = new Object();

    private HdfsNodes(Path data, List<String> addresses) {
        namenode = new NameNodeSeat(addresses.get(0), data);
        for (int number = 0; number < addresses.size() - 1; number++) {
            datanodes.add(new DataNodeSeat(number, addresses.get(number + 1), data, namenode::countsOn));
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (!Boolean.getBoolean("topicmark.detached")) {
            daemon("parent", HdfsNodes::endWithParent);
        }
        // the superuser of the course's file system, whoever runs the lab
        System.setProperty("HADOOP_USER_NAME", "root");
        ExitUtil.disableSystemExit();
        ExitUtil.disableSystemHalt();
        // four nodes register metrics under the same names
        DefaultMetricsSystem.setMiniClusterMode(true);
        QuickStart.prepare();
        Path socket = Path.of(arguments[0]);
        HdfsNodes lab = new HdfsNodes(
            Path.of(arguments[1]).toAbsolutePath(), List.of(arguments).subList(2, arguments.length));
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
            return nodes().stream().map(Node::describe).collect(Collectors.joining("\t"));
        }
        if (command.equals("quit")) {
            Runtime.getRuntime().halt(0);
        }
        String[] words = command.split(" ");
        synchronized (changing) {
            try {
                switch (words[0]) {
                    case "start" -> start(node(words[1]));
                    case "stop" -> stop(node(words[1]));
                    case "reset" -> namenode.empty();
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
            nodes().stream().map(node -> daemon("start-" + node.name, () -> {
                try {
                    node.start();
                } catch (Exception reason) {
                    LOG.error("not all nodes started: {}", reason.toString());
                }
            })).toList().forEach(HdfsNodes::join);
        }
    }

    private void start(Node node) throws Exception {
        node.start();
        if (node == namenode) {
            for (DataNodeSeat datanode : datanodes) {
                if (datanode.isRunning()) {
                    datanode.awaitKnown();
                }
            }
            long end = System.nanoTime() + SAFE_MODE_WITHIN_NS;
            while (namenode.isInSafeMode()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("the namenode stays in safe mode");
                }
                Thread.sleep(LOOK_EVERY_MS);
            }
        }
    }

    private void stop(Node node) throws Exception {
        node.stop();
        if (node instanceof DataNodeSeat gone) {
            namenode.forget(gone.address);
        }
    }

    private List<Node> nodes() {
        List<Node> all = new ArrayList<>(List.of(namenode));
        all.addAll(datanodes);
        return all;
    }

    private Node node(String name) {
        return nodes().stream().filter(node -> node.name.equals(name)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no node " + name));
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

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException reason) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
