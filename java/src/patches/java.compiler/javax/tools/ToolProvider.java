package javax.tools;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the place of the runtime's own, which finds no compiler because the runtime has none: the Eclipse compiler of
 * the class path serves instead. Sqoop compiles the class of each table and asks here for a compiler; it names no
 * version of Java, and the Eclipse compiler would write for a newer one than runs.
 */
public final class ToolProvider {
    private static final String ECLIPSE = "org.eclipse.jdt.internal.compiler.tool.EclipseCompiler";
    private static final List<String> OPTIONS = List.of("-source", "17", "-target", "17", "-proc:none", "-nowarn");
    private static final int OPTIONS_OF_GET_TASK = 3;

    private ToolProvider() {}

    /** Eclipse's compiler, told on each task for which Java. */
    public static JavaCompiler getSystemJavaCompiler() {
        ClassLoader classes = ClassLoader.getSystemClassLoader();
        Object compiler;
        try {
            compiler = Class.forName(ECLIPSE, true, classes).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("ecj is not on the class path", e);
        }
        return (JavaCompiler) Proxy.newProxyInstance(
                classes, new Class<?>[] {JavaCompiler.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getTask")) {
                        arguments[OPTIONS_OF_GET_TASK] = withOurs((Iterable<?>) arguments[OPTIONS_OF_GET_TASK]);
                    }
                    try {
                        return method.invoke(compiler, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    public static DocumentationTool getSystemDocumentationTool() {
        return null;
    }

    public static ClassLoader getSystemToolClassLoader() {
        return null;
    }

    private static List<Object> withOurs(Iterable<?> options) {
        List<Object> all = new ArrayList<>(OPTIONS);
        if (options != null) {
            options.forEach(all::add);
        }
        return all;
    }
}
