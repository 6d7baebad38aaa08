import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Records what clients did, as a history that {@code seriatim check} reads. Copy this file; it needs Java 17 and nothing else.
 *
 * <pre>{@code
 * try (var recorder = Recorder.create(Path.of("history.jsonl"), Map.of("model", "register"))) {
 *     var client = recorder.process(3).node("n1");
 *     try (var op = client.invoke("write").key("x").value(17).start()) {
 *         store.put("x", 17);
 *         op.done(); // or ok(answer), fail(error), info(error)
 *     }
 *     try (var fault = recorder.fault("partition", "n2")) { … }
 * }
 * }</pre>
 *
 * Threads may share a recorder. Each event is one write to a file in append mode. An operation that is closed without an
 * outcome, because something was thrown, is recorded as {@code info}: nobody knows whether it happened. Its client goes on
 * under a new process number by itself. An error of writing ends the recording, which is then the history up to there, and is
 * thrown by {@link #close}.
 */
public final class Recorder implements AutoCloseable {
    /** Clients are numbered below this; it is also what separates the process numbers of one client. */
    public static final int CLIENTS = 1_000_000;

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final FileOutputStream file;
    private final LongSupplier clock;
    private final Map<Integer, Client> clients = new HashMap<>();
    private long latest;
    private boolean isClosed;
    private IOException error;

    private static final class Client {
        final Deque<Long> idle = new ArrayDeque<>();
        long lives;
    }

    private Recorder(Path path, LongSupplier clock) throws IOException {
        // Not a channel: that would be closed for all when one thread is interrupted.
        this.file = new FileOutputStream(path.toFile(), true);
        this.clock = clock;
    }

    /** Begins a file anew; what was there before is gone. {@code head} has fields such as model and init. */
    public static Recorder create(Path path, Map<String, ?> head) throws IOException {
        return create(path, head, machineClock());
    }

    /** The same with a clock of the caller: nanoseconds since some fixed moment. */
    public static Recorder create(Path path, Map<String, ?> head, LongSupplier clock) throws IOException {
        Files.write(path, headLine(head));
        return new Recorder(path, clock);
    }

    /** Goes on with a file, or begins it. Several processes may do so at once, each with clients of its own. */
    public static Recorder append(Path path, Map<String, ?> head) throws IOException {
        return append(path, head, machineClock());
    }

    /** The same with a clock of the caller. */
    public static Recorder append(Path path, Map<String, ?> head, LongSupplier clock) throws IOException {
        byte[] line = headLine(head);
        begin(path, line);
        var recorder = new Recorder(path, clock);
        try (var whole = new RandomAccessFile(path.toFile(), "r")) {
            long size = whole.length();
            if (size == 0) {
                recorder.file.write(line);
            } else {
                // A recorder that was killed may have left half a line. What follows must not be taken for its rest.
                whole.seek(size - 1);
                if (whole.read() != '\n') {
                    recorder.file.write('\n');
                }
            }
        }
        return recorder;
    }

    /** A client, by a number that nobody else has who writes to the same file. */
    public Process process(int client) {
        if (client < 0 || client >= CLIENTS) {
            throw new IllegalArgumentException("clients are numbered from 0 and below " + CLIENTS + ", and this is " + client);
        }
        return new Process(client, null);
    }

    /** Something that is done to some nodes until it is closed. */
    public Fault fault(String name, String... nodes) {
        return new Fault(name, nodes);
    }

    /** Ends the recording, and throws the first error of writing, if there was one. */
    @Override
    public synchronized void close() throws IOException {
        if (!isClosed) {
            isClosed = true;
            file.close();
        }
        if (error != null) {
            throw error;
        }
    }

    /** A process number of a client that has nothing open. */
    private long occupy(int client) {
        var known = clients.computeIfAbsent(client, number -> new Client());
        return known.idle.isEmpty() ? client + CLIENTS * known.lives++ : known.idle.pop();
    }

    private synchronized void record(Map<String, Object> fields) {
        if (isClosed || error != null) {
            return;
        }
        latest = Math.max(latest, clock.getAsLong());
        fields.put("time", latest);
        try {
            file.write(line(fields));
        } catch (IOException problem) {
            error = problem;
        }
    }

    /** A client, which does one thing at a time. */
    public final class Process {
        private final int client;
        private final String node;

        private Process(int client, String node) {
            this.client = client;
            this.node = node;
        }

        /** The same client, with the node that it talks to. */
        public Process node(String node) {
            return new Process(client, node);
        }

        /** An operation that is about to begin, by the name of its function. */
        public Invocation invoke(String function) {
            var invocation = new Invocation(client, function);
            return node == null ? invocation : invocation.node(node);
        }
    }

    /** An operation that is about to begin. */
    public final class Invocation {
        private final int client;
        private final Map<String, Object> fields = new LinkedHashMap<>();

        private Invocation(int client, String function) {
            this.client = client;
            fields.put("f", function);
        }

        /** The object it goes to, where there are several. */
        public Invocation key(Object key) {
            fields.put("key", key);
            return this;
        }

        /** Its argument. */
        public Invocation value(Object value) {
            fields.put("value", value);
            return this;
        }

        /** The node that is asked, for reports. */
        public Invocation node(String node) {
            fields.put("node", node);
            return this;
        }

        /** Records that it begins. Call this before the request is sent. */
        public Operation start() {
            line(fields); // What cannot be written must not begin.
            synchronized (Recorder.this) {
                long process = occupy(client);
                record(event(process, "invoke", fields));
                var about = new LinkedHashMap<>(fields);
                about.keySet().retainAll(List.of("f", "key"));
                return new Operation(client, process, about);
            }
        }
    }

    /** An operation that has begun, until its outcome is told or it is closed. */
    public final class Operation implements AutoCloseable {
        private final int client;
        private final long process;
        private final Map<String, Object> about;
        private boolean isOver;

        private Operation(int client, long process, Map<String, Object> about) {
            this.client = client;
            this.process = process;
            this.about = about;
        }

        /** The number that it is recorded under. */
        public long process() {
            return process;
        }

        /** It happened, and this is the answer; null is one, too. */
        public void ok(Object answer) {
            end("ok", "value", answer);
        }

        /** It happened, and there is no answer, as of a write. */
        public void done() {
            end("ok", null, null);
        }

        /** It happened, and this is an answer apart from the value, such as the place in a log. */
        public void okResult(Object result) {
            end("ok", "result", result);
        }

        /** It certainly did not happen and never will. A timeout is not that: see {@link #info}. */
        public void fail(Object error) {
            end("fail", "error", words(error));
        }

        /** Nobody knows whether it happened or will. */
        public void info(Object error) {
            end("info", "error", words(error));
        }

        /** The same if nothing was told before. */
        @Override
        public void close() {
            synchronized (Recorder.this) {
                if (!isOver) {
                    info("no outcome was told");
                }
            }
        }

        private void end(String type, String name, Object value) {
            synchronized (Recorder.this) {
                if (isOver) {
                    throw new IllegalStateException("the outcome of this operation was told before");
                }
                var fields = event(process, type, about);
                if (name != null) {
                    fields.put(name, value);
                }
                try {
                    line(fields);
                } catch (IllegalArgumentException problem) {
                    info(problem);
                    throw problem;
                }
                isOver = true;
                record(fields);
                if (!type.equals("info")) {
                    clients.get(client).idle.push(process);
                }
            }
        }
    }

    /** Something that is being done to the system. */
    public final class Fault implements AutoCloseable {
        private final String name;
        private final List<String> nodes;
        private boolean isOver;

        private Fault(String name, String... nodes) {
            this.name = name;
            this.nodes = List.of(nodes);
            say("start");
        }

        /** Records that it ends. */
        @Override
        public void close() {
            synchronized (Recorder.this) {
                if (!isOver) {
                    isOver = true;
                    say("stop");
                }
            }
        }

        private void say(String word) {
            var fields = event("nemesis", "info", Map.of("f", word + "-" + name));
            if (!nodes.isEmpty()) {
                fields.put("value", nodes);
            }
            line(fields);
            record(fields);
        }
    }

    /** The time of day at the beginning, going on by the monotonic clock: it never goes back. */
    private static LongSupplier machineClock() {
        var now = Instant.now();
        long day = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        long began = System.nanoTime();
        return () -> day + (System.nanoTime() - began);
    }

    /** Makes a file that has its head from the first moment on, for others may be about to do the same. */
    private static void begin(Path path, byte[] line) throws IOException {
        if (Files.exists(path)) {
            return;
        }
        var name = path.getFileName() + "." + ProcessHandle.current().pid() + "-" + COUNT.getAndIncrement() + ".head";
        var aside = path.resolveSibling(name);
        Files.write(aside, line);
        try {
            Files.createLink(path, aside);
        } catch (IOException | UnsupportedOperationException problem) {
            // Somebody else made it, or there are no links here: then it is opened as any other.
        } finally {
            Files.delete(aside);
        }
    }

    private static byte[] headLine(Map<String, ?> head) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("seriatim", 1);
        fields.putAll(head);
        return line(fields);
    }

    private static Map<String, Object> event(Object process, String type, Map<String, Object> about) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("process", process);
        fields.put("type", type);
        fields.putAll(about);
        return fields;
    }

    private static byte[] line(Map<String, Object> fields) {
        var out = new StringBuilder();
        json(fields, out);
        return out.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String words(Object error) {
        // Whatever went wrong, telling it must not.
        return new String(String.valueOf(error).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static void json(Object value, StringBuilder out) {
        if (value == null || value instanceof Boolean || value instanceof Byte || value instanceof Short
                || value instanceof Integer || value instanceof Long || value instanceof BigInteger
                || value instanceof BigDecimal) {
            out.append(value);
        } else if (value instanceof Double || value instanceof Float) {
            if (!Double.isFinite(((Number) value).doubleValue())) {
                throw new IllegalArgumentException("JSON cannot say " + value);
            }
            out.append(value);
        } else if (value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>) {
            text(value.toString(), out);
        } else if (value instanceof Map<?, ?> map) {
            out.append('{');
            String between = "";
            for (var entry : map.entrySet()) {
                if (!(entry.getKey() instanceof CharSequence name)) {
                    throw new IllegalArgumentException("a key of a JSON object is a text, and this is " + entry.getKey());
                }
                out.append(between);
                text(name.toString(), out);
                out.append(':');
                json(entry.getValue(), out);
                between = ",";
            }
            out.append('}');
        } else if (value instanceof Iterable<?> items) {
            out.append('[');
            String between = "";
            for (var item : items) {
                out.append(between);
                json(item, out);
                between = ",";
            }
            out.append(']');
        } else if (value instanceof Object[] items) {
            json(Arrays.asList(items), out);
        } else {
            throw new IllegalArgumentException("a " + value.getClass().getName() + " is no JSON: record a list or a map");
        }
    }

    private static void text(String text, StringBuilder out) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("a text with half a surrogate pair is no Unicode");
        }
        out.append('"');
        for (int at = 0; at < text.length(); at++) {
            char unit = text.charAt(at);
            switch (unit) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (unit < ' ') {
                        out.append(String.format("\\u%04x", (int) unit));
                    } else {
                        out.append(unit);
                    }
                }
            }
        }
        out.append('"');
    }
}
