package frontrow.member.grid;

import java.util.List;

/** What a document's key says of it. */
final class DocumentKeys {
    private static final List<String> DURABLE = List.of("artist:", "hall:", "event:", "account:");
    private static final String INDEX = "index:";
    private static final String MARKER = "marker:";

    private DocumentKeys() {
    }

    /** Whether PostgreSQL has to get every version of it; claims and markers follow from other rows. */
    static boolean isDurable(String key) {
        return DURABLE.stream().anyMatch(key::startsWith);
    }

    static boolean isIndex(String key) {
        return key.startsWith(INDEX);
    }

    static boolean isMarker(String key) {
        return key.startsWith(MARKER);
    }

    /** Remembers, or forgets, that the pump has something to do here: a version to drain or an overdue claim to clear. */
    static void hint(Hints hints, String key, Based value, long now) {
        if (!isIndex(key)) {
            hints.document(key, value instanceof Document document && (isDurable(key) ? document.isDirty() : document.isOver(now)));
        }
    }
}
