import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Drives a register in memory and records it: {@code Register correct|stale|values|append|endless FILE [FIRST]}. */
public final class Register {
    private static final int CLIENTS = 4;
    private static final int ROUNDS = 50;

    private long value;

    private synchronized long read() {
        return value;
    }

    private synchronized void write(long to) {
        value = to;
    }

    private static void look(Recorder.Process process, Object key, LongSupplier answer) {
        try (var op = process.invoke("read").key(key).start()) {
            op.ok(answer.getAsLong());
        }
    }

    private void put(Recorder.Process process, Object key, long to) {
        try (var op = process.invoke("write").key(key).value(to).start()) {
            write(to);
            op.done();
        }
    }

    private void client(Recorder recorder, int number, int rounds) {
        var process = recorder.process(number).node("n1");
        for (int at = 0; at < rounds; at++) {
            long to = 1 + number * 1_000_000L + at;
            if (ThreadLocalRandom.current().nextBoolean()) {
                look(process, "x", this::read);
            } else if (at % 10 == 9) {
                try (var op = process.invoke("write").key("x").value(to).start()) {
                    write(to);
                    throw new TimeoutException();
                } catch (TimeoutException late) {
                    // Whether it happened is recorded as not known.
                }
            } else {
                put(process, "x", to);
            }
        }
    }

    private List<Thread> clients(Recorder recorder, int rounds) {
        var all = new ArrayList<Thread>();
        for (int number = 0; number < CLIENTS; number++) {
            int mine = number;
            var thread = new Thread(() -> client(recorder, mine, rounds));
            thread.start();
            all.add(thread);
        }
        return all;
    }

    /** Correct; or with one more client that answers from a cache which nobody refreshes. */
    private void threads(Recorder recorder, boolean isStale) throws InterruptedException {
        long cached = read();
        var cache = recorder.process(CLIENTS).node("n2");
        if (isStale) {
            look(cache, "x", () -> cached);
        }
        try (var fault = recorder.fault("partition", "n2")) {
            for (var thread : clients(recorder, ROUNDS)) {
                thread.join();
            }
            put(recorder.process(0), "x", -1);
            look(recorder.process(1), "x", this::read);
            if (isStale) {
                look(cache, "x", () -> cached);
            }
        }
    }

    /** Each value is written to a key of its own and read again. */
    private static void values(Recorder recorder) {
        var inner = new HashMap<String, Object>();
        inner.put("b", null);
        var nested = new LinkedHashMap<String, Object>();
        nested.put("a", List.of(1, inner, List.of()));
        nested.put("", Map.of());
        nested.put("q\"\\\n", List.of(true, false));
        nested.put("ключ", "é");
        var all = Arrays.asList(
                "quote \" backslash \\ slash / apostrophe '",
                "newline \n return \r tab \t null \0 escape \033 unit \037 delete \177",
                "é 中 😀 \u2028 \u2029 \ufeff",
                "",
                "null",
                (1L << 53) + 1,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                BigInteger.TWO.pow(64).subtract(BigInteger.ONE),
                0.1,
                -2.5e-7,
                null,
                true,
                List.of(),
                nested);
        var process = recorder.process(0);
        for (int at = 0; at < all.size(); at++) {
            var key = List.of(at, "k \"\n\u2028😀");
            process.invoke("write").key(key).value(all.get(at)).start().done();
            process.invoke("read").key(key).start().ok(all.get(at));
        }
    }

    /** One of several processes that write to one file, each to a register of its own. It begins, and waits for a line. */
    private void several(Recorder recorder, int first) throws IOException {
        var process = recorder.process(first);
        for (int at = 1; at <= 300; at++) {
            put(process, first, at);
            look(process, first, this::read);
            if (at == 1) {
                System.in.read();
            }
        }
    }

    /** Runs what the first argument names. */
    public static void main(String[] arguments) throws Exception {
        var what = arguments[0];
        var path = Path.of(arguments[1]);
        Map<String, Object> head = what.equals("values") ? Map.of("model", "register") : Map.of("model", "register", "init", 0);
        var register = new Register();
        try (var recorder = what.equals("append") ? Recorder.append(path, head) : Recorder.create(path, head)) {
            switch (what) {
                case "correct", "stale" -> register.threads(recorder, what.equals("stale"));
                case "values" -> values(recorder);
                case "append" -> register.several(recorder, Integer.parseInt(arguments[2]));
                case "endless" -> {
                    for (var thread : register.clients(recorder, Integer.MAX_VALUE)) {
                        thread.join();
                    }
                }
                default -> throw new IllegalArgumentException("no such run: " + what);
            }
        }
    }
}
