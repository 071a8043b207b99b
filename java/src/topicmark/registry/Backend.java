package topicmark.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.quarkus.runner.GeneratedMain;

/** Apicurio in this JVM, asked over HTTP at a port of its own. */
final class Backend {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFLUENT = "/apis/ccompat/v7";
    private static final int PATIENCE_MS = 30_000;

    private final String url;

    Backend(String host, int port) {
        url = "http://" + host + ":" + port;
        System.setProperty("quarkus.http.host", host);
        System.setProperty("quarkus.http.port", String.valueOf(port));
    }

    /** An HTTP status and a JSON body; {@code MissingNode} for none. */
    record Answer(int status, JsonNode body) {
    }

    void run() {
        GeneratedMain.main(new String[0]);
    }

    void awaitReady() throws InterruptedException {
        while (true) {
            try {
                if (ask("GET", "/subjects", null).status() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // it listens when it is up; if it never is, whoever waits for us gives up
            }
            Thread.sleep(20);
        }
    }

    /** One request of Confluent's API, {@code path} with its query. */
    Answer ask(String method, String path, JsonNode body) throws IOException {
        return send(method, CONFLUENT + path, body == null ? null : JSON.writeValueAsBytes(body), Map.of());
    }

    /** Register under a type that is told. Through its Confluent API Apicurio guesses the type from the content. */
    Answer register(String subject, String type, String schema) throws IOException {
        Map<String, String> told = Map.of("X-Registry-ArtifactId", subject, "X-Registry-ArtifactType", type);
        return send("POST", "/apis/registry/v2/groups/default/artifacts?ifExists=RETURN_OR_UPDATE",
            schema.getBytes(StandardCharsets.UTF_8), told);
    }

    private Answer send(String method, String path, byte[] body, Map<String, String> headers) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(PATIENCE_MS);
        connection.setReadTimeout(PATIENCE_MS);
        connection.setRequestProperty("Content-Type", "application/json");
        headers.forEach(connection::setRequestProperty);
        if (body != null) {
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            }
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            byte[] content = in == null ? new byte[0] : in.readAllBytes();
            return new Answer(status, parsed(content));
        }
    }

    private static JsonNode parsed(byte[] content) {
        try {
            return content.length == 0 ? MissingNode.getInstance() : JSON.readTree(content);
        } catch (IOException notJson) {
            return JSON.createObjectNode().put("message", new String(content, StandardCharsets.UTF_8));
        }
    }
}
