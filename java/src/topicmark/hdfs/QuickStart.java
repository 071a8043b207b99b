package topicmark.hdfs;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.hadoop.hdfs.server.namenode.EditLogFileOutputStream;
import org.apache.hadoop.hdfs.server.namenode.web.resources.NamenodeWebHdfsMethods;
import org.apache.hadoop.hdfs.web.resources.ExceptionHandler;
import org.apache.hadoop.hdfs.web.resources.UserProvider;

/** What makes Hadoop's servers start in a fraction of the time without a change to what they do for a client. */
final class QuickStart {
    private QuickStart() {
    }

    /** To be called before the first server is made, in the thread whose children will start them. */
    static void prepare() throws IOException {
        // a lab's data need not outlive a power cut
        EditLogFileOutputStream.setShouldSkipFsyncForTesting(true);
        skipWebPages();
        Thread.currentThread().setContextClassLoader(new WebHdfsClasses(Path.of("webhdfs")));
    }

    /**
     * Jetty would unpack each server's web pages from a jar of 37 MB: half of the start-up time. Hadoop prefers
     * folders of these names in the working folder. WebHDFS and JMX are servlets and stay.
     */
    private static void skipWebPages() throws IOException {
        for (String server : List.of("hdfs", "datanode", "static")) {
            Files.createDirectories(Path.of("src", "main", "webapps", server));
        }
    }

    /**
     * Jersey looks for the resources of WebHDFS in every class of every jar that has their packages. Here it finds
     * these packages in folders that hold the three classes it is looking for.
     */
    private static final class WebHdfsClasses extends ClassLoader {
        private final Map<String, URL> folders = new HashMap<>();

        WebHdfsClasses(Path root) throws IOException {
            super(WebHdfsClasses.class.getClassLoader());
            for (Class<?> wanted : List.of(NamenodeWebHdfsMethods.class, ExceptionHandler.class, UserProvider.class)) {
                String location = wanted.getName().replace('.', '/') + ".class";
                Path copy = root.resolve(location);
                Files.createDirectories(copy.getParent());
                try (InputStream content = getParent().getResourceAsStream(location)) {
                    Files.copy(content, copy, StandardCopyOption.REPLACE_EXISTING);
                }
                folders.put(wanted.getPackageName().replace('.', '/'), copy.getParent().toUri().toURL());
            }
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            URL folder = folders.get(name);
            return folder == null ? super.getResources(name) : Collections.enumeration(List.of(folder));
        }
    }
}
