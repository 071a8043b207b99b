package topicmark.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpServer;

/**
 * A schema registry: {@code RegistryFront registry.properties}.
 *
 * Apicurio keeps the schemas and judges them, in memory, at a port of its own. In front of it this serves Confluent's
 * API at the root, with that registry's words and codes, and keeps what was registered in Kafka as that one does. It
 * serves once the topic is there and was read, or tells why not and ends, as the real one does.
 * The JVM ends when its standard input does, unless {@code -Dtopicmark.detached=true}.
 */
public final class RegistryFront {
    private RegistryFront() {
    }

    public static void main(String[] arguments) throws Exception {
        if (!Boolean.getBoolean("topicmark.detached")) {
            daemon("parent", RegistryFront::endWithParent);
        }
        Properties settings = new Properties();
        try (InputStream file = Files.newInputStream(Path.of(arguments[0]))) {
            settings.load(file);
        }
        Log log = new Log(Path.of(settings.getProperty("topicmark.log")));
        String host = settings.getProperty("topicmark.host");
        int port = Integer.parseInt(settings.getProperty("topicmark.port"));
        Backend backend = new Backend(host, Integer.parseInt(settings.getProperty("topicmark.backend.port")));
        daemon("apicurio", backend::run);
        try (SchemasTopic topic = new SchemasTopic(settings, log)) {
            topic.open();
            backend.awaitReady();
            Api api = new Api(backend, topic, settings.getProperty("schema.registry.group.id", "schema-registry"));
            api.setGlobalLevel(settings.getProperty("schema.compatibility.level", "BACKWARD"));
            topic.replay(api::restore);
            HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 64);
            server.createContext("/", api);
            server.setExecutor(Executors.newFixedThreadPool(4, work -> new Thread(work, "rest")));
            server.start();
            Thread.currentThread().join();
        } catch (Exception reason) {
            log.error("Server died unexpectedly", reason);
            Runtime.getRuntime().halt(1);
        }
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

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
