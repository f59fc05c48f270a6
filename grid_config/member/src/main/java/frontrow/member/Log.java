package frontrow.member;

import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * One line of JSON per record on standard output, shaped like the Python processes' ({@code infra/logs.py}): {@code at, level,
 * room, what} and figures. What Hazelcast says has {@code what: "hazelcast"} and its words in {@code text}.
 */
final class Log {
    private static final Logger OURS = Logger.getLogger("frontrow.member");

    private Log() {
    }

    static void configure() {
        Logger root = LogManager.getLogManager().getLogger("");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler lines = new StandardOutput();
        lines.setLevel(Level.ALL);
        lines.setFormatter(new Lines());
        root.addHandler(lines);
        root.setLevel(Level.INFO);
    }

    static void info(String what, Map<String, ?> figures) {
        log(Level.INFO, what, figures);
    }

    /** Something that a person has to look at. */
    static void alarm(String what, Map<String, ?> figures) {
        log(Level.SEVERE, what, figures);
    }

    private static void log(Level level, String what, Map<String, ?> figures) {
        LogRecord record = new LogRecord(level, what);
        record.setLoggerName(OURS.getName());
        record.setParameters(new Object[] {figures});
        OURS.log(record);
    }

    /** Keeps its handlers while the JVM shuts down: the graceful leave is what one wants to read about. */
    public static final class Manager extends LogManager {
        @Override
        public void reset() {
            // Called by the JVM's own shutdown hook, in parallel with ours. There is nothing that must be closed.
        }
    }

    private static final class StandardOutput extends ConsoleHandler {
        StandardOutput() {
            setOutputStream(System.out);
        }
    }

    static final class Lines extends Formatter {
        @Override
        public String format(LogRecord record) {
            StringBuilder line = new StringBuilder(160).append('{');
            field(line, "at", record.getInstant().truncatedTo(java.time.temporal.ChronoUnit.MILLIS).toString());
            field(line, "level", level(record.getLevel()));
            field(line, "room", record.getLoggerName());
            if (OURS.getName().equals(record.getLoggerName())) {
                field(line, "what", record.getMessage());
                ((Map<?, ?>) record.getParameters()[0]).forEach((name, value) -> field(line, (String) name, value));
            } else {
                field(line, "what", "hazelcast");
                field(line, "text", formatMessage(record));
            }
            if (record.getThrown() != null) {
                field(line, "fault", stack(record.getThrown()));
            }
            line.setCharAt(line.length() - 1, '}');
            return line.append('\n').toString();
        }

        private static String level(Level level) {
            int value = level.intValue();
            if (value >= Level.SEVERE.intValue()) {
                return "error";
            }
            return value >= Level.WARNING.intValue() ? "warning" : "info";
        }

        private static String stack(Throwable thrown) {
            var text = new java.io.StringWriter();
            thrown.printStackTrace(new java.io.PrintWriter(text));
            return text.toString();
        }

        private static void field(StringBuilder line, String name, Object value) {
            line.append('"').append(name).append("\":");
            if (value instanceof Number || value instanceof Boolean) {
                line.append(value);
            } else {
                quoted(line, String.valueOf(value));
            }
            line.append(',');
        }

        private static void quoted(StringBuilder line, String text) {
            line.append('"');
            for (int at = 0; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"' || c == '\\') {
                    line.append('\\').append(c);
                } else if (c == '\n') {
                    line.append("\\n");
                } else if (c < ' ') {
                    line.append(String.format("\\u%04x", (int) c));
                } else {
                    line.append(c);
                }
            }
            line.append('"');
        }
    }
}
