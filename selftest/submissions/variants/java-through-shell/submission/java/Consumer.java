import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;

/** Übung 5: java Consumer [gruppe] */
public class Consumer {

    public static void main(String[] args) {
        String gruppe = args.length > 0 ? args[0] : "java-standardgruppe";
        System.out.println("Consumer-Gruppe: " + gruppe);

        Properties props = new Properties();
        props.setProperty("bootstrap.servers", "kafka:9092");
        props.setProperty("group.id", gruppe);
        props.setProperty("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        props.setProperty("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        props.setProperty("auto.commit.interval.ms", "2000");
        // auto.offset.reset bleibt auf "latest": uns interessieren nur neue Messwerte

        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(props);
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                main.join();
            } catch (InterruptedException ignored) {
                // dann eben nicht
            }
        }));

        ObjectMapper mapper = new ObjectMapper();
        try {
            consumer.subscribe(List.of("INGESTION"));
            while (true) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(500));
                for (ConsumerRecord<String, String> r : records) {
                    show(mapper, r);
                }
            }
        } catch (WakeupException e) {
            System.out.println("Strg+C, wir melden uns ab");
        } finally {
            consumer.close();
        }
    }

    private static void show(ObjectMapper mapper, ConsumerRecord<String, String> r) {
        String text;
        try {
            JsonNode n = mapper.readTree(r.value());
            text = "Sensor " + r.key() + " -> " + n.toString();
        } catch (Exception e) {
            text = "kein JSON: " + r.value();
        }
        System.out.println("P" + r.partition() + "/" + r.offset() + "  " + text);
    }
}
