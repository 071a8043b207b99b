package topicmark.registry;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import topicmark.registry.Backend.Answer;

/** Confluent's API at the root: what Apicurio answers, in that registry's words, codes and shapes. */
final class Api implements HttpHandler {
    private static final String TYPE = "application/vnd.schemaregistry.v1+json";
    private static final List<String> LEVELS = List.of("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD",
        "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE");
    private static final String VERSION = "Topicmark's registry: Apicurio 2.5.11.Final in Confluent's API";

    private final Backend backend;
    private final SchemasTopic topic;
    private final String group;
    /** Compatibility levels, of all subjects ("") and of single ones. */
    private final Map<String, String> levels = new ConcurrentHashMap<>();

    Api(Backend backend, SchemasTopic topic, String group) {
        this.backend = backend;
        this.topic = topic;
        this.group = group;
    }

    /** An answer that is an error of the registry's. */
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;
        final int status;
        final int code;

        Failed(int status, int code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    void setGlobalLevel(String level) throws IOException {
        levels.put("", level.toUpperCase(Locale.ROOT));
        apply("", levels.get(""));
    }

    private Answer apply(String subject, String level) throws IOException {
        String path = "/config" + (subject.isEmpty() ? "" : "/" + encoded(subject));
        return backend.ask("PUT", path, json().put("compatibility", level));
    }

    /** Do again what a record of the topic tells. */
    void restore(JsonNode key, JsonNode value) throws Exception {
        String subject = key.path("subject").asText("");
        switch (key.path("keytype").asText()) {
            case "SCHEMA" -> {
                if (value.isObject() && !value.path("deleted").asBoolean()) {
                    register(subject, json().put("schema", value.path("schema").asText())
                        .put("schemaType", value.path("schemaType").asText("AVRO")), false);
                }
            }
            case "CONFIG" -> {
                if (value.isObject()) {
                    configure(subject, value.path("compatibilityLevel").asText(), false);
                }
            }
            case "DELETE_SUBJECT" -> {
                backend.ask("DELETE", "/subjects/" + encoded(subject), null);
                levels.remove(subject);
            }
            default -> {
                // NOOP and what later registries write
            }
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Answer answer;
        try {
            answer = answer(exchange);
        } catch (Failed reason) {
            answer = new Answer(reason.status, error(reason.code, reason.getMessage()));
        } catch (JsonProcessingException reason) {
            answer = new Answer(400, error(400, reason.getOriginalMessage()));
        } catch (Exception reason) {
            answer = new Answer(500, error(50001, "Error in the backend data store: " + reason));
        }
        byte[] content = answer.body().toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", TYPE);
        exchange.getResponseHeaders().set("Vary", "Accept-Encoding, User-Agent");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), head ? -1 : content.length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(content);
            }
        }
        exchange.close();
    }

    private Answer answer(HttpExchange exchange) throws Exception {
        URI uri = exchange.getRequestURI();
        String method = exchange.getRequestMethod().equals("HEAD") ? "GET" : exchange.getRequestMethod();
        String[] path = uri.getRawPath().replaceAll("^/+|/+$", "").split("/");
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        JsonNode body = null;
        if (method.equals("POST") || method.equals("PUT")) {
            body = Backend.JSON.readTree(exchange.getRequestBody());
            if (!body.isObject()) {
                throw new Failed(422, 422, "The request has no JSON object");
            }
        }
        String subject = path.length > 1 ? URLDecoder.decode(path[1], StandardCharsets.UTF_8) : "";
        return switch (method + " " + String.join("/", path.length > 0 ? path[0] : "")) {
            case "GET " -> ok(json());
            case "GET mode" -> ok(json().put("mode", "READWRITE"));
            case "GET v1" -> metadata(uri.getPath());
            case "GET config" -> level(subject, query);
            case "PUT config" -> configure(subject, body.path("compatibility").asText(), true);
            case "POST subjects" -> path.length == 3 && path[2].equals("versions")
                ? register(subject, body, true) : passed(method, uri, body, subject, path);
            case "DELETE subjects" -> deleted(method, uri, subject, path);
            case "GET schemas", "GET subjects", "POST compatibility" -> passed(method, uri, body,
                path[0].equals("compatibility") && path.length > 2
                    ? URLDecoder.decode(path[2], StandardCharsets.UTF_8) : subject, path);
            default -> throw new Failed(404, 404, "HTTP 404 Not Found");
        };
    }

    private Answer metadata(String path) throws Failed {
        if (path.equals("/v1/metadata/version")) {
            return ok(json().put("version", VERSION).put("commitId", ""));
        }
        if (!path.equals("/v1/metadata/id")) {
            throw new Failed(404, 404, "HTTP 404 Not Found");
        }
        ObjectNode scope = json();
        scope.putArray("path");
        scope.putObject("clusters").put("kafka-cluster", topic.clusterId()).put("schema-registry-cluster", group);
        return ok(json().set("scope", scope));
    }

    private Answer level(String subject, String query) throws Failed {
        String level = levels.get(subject);
        if (level == null && !query.contains("defaultToGlobal=true")) {
            throw new Failed(404, 40408,
                "Subject '" + subject + "' does not have subject-level compatibility configured");
        }
        return ok(json().put("compatibilityLevel", level == null ? levels.get("") : level));
    }

    private synchronized Answer configure(String subject, String wanted, boolean kept) throws Exception {
        String level = wanted.toUpperCase(Locale.ROOT);
        if (!LEVELS.contains(level)) {
            throw new Failed(422, 42203, "Invalid compatibility level. Valid values are none, backward, forward, full,"
                + " backward_transitive, forward_transitive, and full_transitive");
        }
        Answer answer = apply(subject, level);
        if (answer.status() >= 400 && answer.status() != 404) { // the level of a subject may be told before its schema
            throw failure(answer, subject, null, new String[0]);
        }
        levels.put(subject, level);
        if (kept) {
            ObjectNode key = json().put("keytype", "CONFIG");
            key = subject.isEmpty() ? key.putNull("subject") : key.put("subject", subject);
            topic.append(key.put("magic", 0), json().put("compatibilityLevel", level));
        }
        return ok(json().put("compatibility", level));
    }

    /** For Apicurio NONE of a subject means the level of all: that one is put aside for as long as it takes. */
    private Answer registered(String subject, JsonNode body) throws IOException {
        boolean unjudged = "NONE".equals(levels.get(subject)) && !"NONE".equals(levels.get(""));
        if (unjudged) {
            apply("", "NONE");
        }
        try {
            return backend.ask("POST", "/subjects/" + encoded(subject) + "/versions", body);
        } finally {
            if (unjudged) {
                apply("", levels.get(""));
            }
        }
    }

    /** One at a time: the order in the topic is the order of the ids. */
    private synchronized Answer register(String subject, JsonNode body, boolean kept) throws Exception {
        String schema = body.path("schema").asText("");
        String type = body.path("schemaType").asText("AVRO");
        if (schema.isBlank()) {
            throw new Failed(422, 42201, "Empty schema");
        }
        Answer answer = registered(subject, body);
        if (answer.status() == 422 && type.equals("JSON") && Backend.JSON.readTree(schema).isObject()) {
            answer = backend.register(subject, type, schema);
            if (answer.status() < 400) {
                answer = ok(json().put("id", answer.body().path("contentId").asInt()));
            }
        }
        if (answer.status() >= 400) {
            throw failure(answer, subject, body, new String[0]);
        }
        if (levels.containsKey(subject)) {
            apply(subject, levels.get(subject));
        }
        if (kept) {
            JsonNode last = backend.ask("GET", "/subjects/" + encoded(subject) + "/versions/latest", null).body();
            if (last.path("id").asInt() == answer.body().path("id").asInt()) {
                int version = last.path("version").asInt();
                ObjectNode value = json().put("subject", subject).put("version", version)
                    .put("id", last.path("id").asInt());
                if (!type.equals("AVRO")) {
                    value.put("schemaType", type);
                }
                topic.append(json().put("keytype", "SCHEMA").put("subject", subject).put("version", version)
                    .put("magic", 1), value.put("schema", schema).put("deleted", false));
            }
        }
        return answer;
    }

    private Answer deleted(String method, URI uri, String subject, String[] path) throws Exception {
        Answer answer = passed(method, uri, null, subject, path);
        if (path.length == 2) {
            levels.remove(subject);
            ObjectNode key = json().put("keytype", "DELETE_SUBJECT").put("subject", subject).put("magic", 0);
            int last = answer.body().path(answer.body().size() - 1).asInt();
            topic.append(key, json().put("subject", subject).put("version", last));
        }
        return answer;
    }

    private synchronized Answer passed(String method, URI uri, JsonNode body, String subject, String[] path)
            throws Exception {
        if (path[0].equals("compatibility") && "NONE".equals(levels.get(subject))) {
            return ok(json().put("is_compatible", true));
        }
        if (path.length == 4 && path[0].equals("schemas") && path[3].equals("subjects")) {
            return subjects(uri);
        }
        String version = path.length > 3 && path[0].equals("subjects") ? path[3] : "";
        if (!version.isEmpty() && !version.equals("latest") && !version.matches("[1-9]\\d{0,8}")) {
            throw new Failed(422, 42202, "The specified version '" + version + "' is not a valid version id. Allowed"
                + " values are between [1, 2^31-1] and the string \"latest\"");
        }
        String target = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        Answer answer = backend.ask(method, target, body);
        if (answer.status() >= 400) {
            throw failure(answer, subject, body, path);
        }
        return new Answer(answer.status(), shaped(answer.body()));
    }

    private Answer subjects(URI uri) throws Exception {
        String path = uri.getRawPath();
        Answer versions = backend.ask("GET", path.substring(0, path.lastIndexOf('/')) + "/versions", null);
        if (versions.status() >= 400) {
            throw failure(versions, "", null, path.substring(1).split("/"));
        }
        ArrayNode names = Backend.JSON.createArrayNode();
        versions.body().forEach(version -> names.add(version.path("subject").asText()));
        return ok(names);
    }

    /** Without what only Apicurio says, and in the other registry's order. */
    private static JsonNode shaped(JsonNode body) {
        if (!(body instanceof ObjectNode)) {
            return body;
        }
        ObjectNode made = json();
        for (String name : List.of("subject", "version", "id")) {
            if (body.has(name)) {
                made.set(name, body.get(name));
            }
        }
        body.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            boolean empty = value.isNull() || (field.getKey().equals("references") && value.isEmpty());
            boolean implied = field.getKey().equals("schemaType") && value.asText().equals("AVRO");
            if (!made.has(field.getKey()) && !empty && !implied) {
                made.set(field.getKey(), value);
            }
        });
        return made;
    }

    private static Failed failure(Answer answer, String subject, JsonNode body, String[] path) {
        int code = answer.body().path("error_code").asInt(answer.status());
        String message = answer.body().path("message").asText("");
        if (answer.status() == 409) {
            return new Failed(409, 409, "Schema being registered is incompatible with an earlier schema for subject \""
                + subject + "\", details: [" + message.replaceFirst("^.*?Exception: ", "") + "]");
        }
        return switch (code) {
            case 40401 -> new Failed(404, code, "Subject '" + subject + "' not found.");
            case 40402 -> new Failed(404, code, "Version " + (path.length > 3 ? path[3] : "") + " not found.");
            case 40403 -> new Failed(404, code, path.length > 2 && path[0].equals("schemas")
                ? "Schema " + path[2] + " not found" : "Schema not found");
            case 42201 -> new Failed(422, code, "Invalid schema " + body + ", details: " + message);
            case 0 -> new Failed(answer.status(), answer.status(), "HTTP " + answer.status());
            default -> new Failed(answer.status(), code, message);
        };
    }

    private static Answer ok(JsonNode body) {
        return new Answer(200, body);
    }

    private static ObjectNode error(int code, String message) {
        return json().put("error_code", code).put("message", message);
    }

    private static ObjectNode json() {
        return Backend.JSON.createObjectNode();
    }

    private static String encoded(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
