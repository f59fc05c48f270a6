package frontrow.member.grid;

import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides one request about one document: looks, never touches. Afterwards {@link #message} is what is to be applied by
 * the owner and its backup; null when nothing is changed and nothing told.
 */
final class DocumentCall {
    /** The largest seating plan that the API takes (16 MiB); compressed ones are far smaller. */
    static final int BODY_BYTES_MAX = 16 << 20;
    /** Items of the catalogue's index: 100 bytes each; more artists, halls and events than any city has. */
    static final int INDEX_ITEMS_MAX = 1_000_000;

    private static final byte[] NO_BODY = new byte[0];

    private final String key;
    private final Based value;
    private final Tenure tenure;
    private final Document document; // null: absent, or its time is over
    private final long now;
    private final boolean memoryShort;
    private byte[] message;

    DocumentCall(String key, Based value, Tenure tenure, long now, boolean memoryShort) {
        this.key = key;
        this.value = value;
        this.tenure = tenure;
        this.now = now;
        this.memoryShort = memoryShort;
        this.document = value instanceof Document found && !found.isOver(now) ? found : null;
    }

    long now() {
        return now;
    }

    byte[] message() {
        return message;
    }

    static byte[] refusal(int outcome, long now) {
        return answer(outcome, 0, 0, now, NO_BODY);
    }

    byte[] decide(int op, WireReader in) {
        if (DocumentKeys.isIndex(key) != (op == DocumentProcessor.TOUCH || op == DocumentProcessor.SINCE)) {
            return refusal(Message.INVALID, now);
        }
        return switch (op) {
            case DocumentProcessor.GET -> told(document == null ? Message.ABSENT : Message.ACCEPTED, document);
            case DocumentProcessor.PUT -> put(in.i64(), in.i64(), in.blob());
            case DocumentProcessor.DRAIN -> drain();
            case DocumentProcessor.ACKNOWLEDGE -> acknowledge(in.i64());
            case DocumentProcessor.RESTORE -> restore(in.i64(), in.blob());
            case DocumentProcessor.REMOVE -> remove(in.i64());
            case DocumentProcessor.TOUCH -> touch(new CatalogueIndex.Name(in.u8(), in.i64()), in.i64());
            case DocumentProcessor.SINCE -> since(in.i64());
            default -> refusal(Message.INVALID, now);
        };
    }

    private byte[] put(long expected, long ttlMs, byte[] body) {
        if (expected < 0 || ttlMs < 0 || body.length == 0 || body.length > BODY_BYTES_MAX) {
            return refusal(Message.INVALID, now);
        }
        long expiresAt = ttlMs == 0 ? 0 : now + ttlMs;
        long version = document == null ? 0 : document.version();
        if (version == expected) {
            if (memoryShort && document == null && !DocumentKeys.isMarker(key)) {
                return refusal(Message.FULL, now); // of accounts there may be any number; what is restored was there before
            }
            return accepted(successor(version + 1, 0, expiresAt, body));
        }
        // The same put again, its answer was lost: it is where it left the document.
        boolean repeated = version == expected + 1 && Arrays.equals(body, document.body())
                && (expiresAt == 0) == (document.expiresAt() == 0);
        return told(repeated ? Message.REPEATED : Message.STALE, document);
    }

    private byte[] drain() {
        if (value instanceof Document overdue && overdue.isOver(now)) {
            message = DocumentSteps.remove(value, tenure);
            return refusal(Message.ABSENT, now);
        }
        if (document == null || !DocumentKeys.isDurable(key) || document.isDirty()) {
            return told(document == null ? Message.ABSENT : Message.ACCEPTED, document);
        }
        return answer(Message.ACCEPTED, document.version(), document.durableVersion(), now, NO_BODY);
    }

    /** A version that is not of this document's past says that another life of it was written: it is left alone. */
    private byte[] acknowledge(long durableVersion) {
        if (document == null) {
            return told(Message.ABSENT, null);
        }
        if (durableVersion > document.version() || durableVersion <= document.durableVersion()) {
            return told(Message.ACCEPTED, document, NO_BODY);
        }
        boolean buried = document.isTombstone() && durableVersion == document.version();
        message = buried ? DocumentSteps.remove(value, tenure) : DocumentSteps.acknowledge(value, tenure, durableVersion);
        return answer(Message.ACCEPTED, document.version(), durableVersion, now, NO_BODY);
    }

    private byte[] restore(long version, byte[] body) {
        if (version <= 0 || body.length == 0 || body.length > BODY_BYTES_MAX) {
            return refusal(Message.INVALID, now);
        }
        if (document != null) {
            return told(Message.REPEATED, document, NO_BODY);
        }
        return accepted(successor(version, version, 0, body));
    }

    /** A claim goes at once: its row says so. Everything else leaves a tombstone, which goes when PostgreSQL has it. */
    private byte[] remove(long expected) {
        if (document == null) {
            return told(Message.ABSENT, null);
        }
        if (document.version() != expected) {
            boolean repeated = document.isTombstone() && document.version() == expected + 1;
            return told(repeated ? Message.REPEATED : Message.STALE, document);
        }
        if (DocumentKeys.isDurable(key)) {
            return accepted(successor(expected + 1, document.durableVersion(), 0, NO_BODY));
        }
        message = DocumentSteps.remove(value, tenure);
        return answer(Message.ACCEPTED, expected, document.durableVersion(), now, NO_BODY);
    }

    private byte[] touch(CatalogueIndex.Name name, long documentVersion) {
        CatalogueIndex index = (CatalogueIndex) value;
        if (index != null && !index.isNews(name, documentVersion)) {
            message = DocumentSteps.barrier(value, tenure);
            return answer(Message.ACCEPTED, index.version(), 0, now, NO_BODY);
        }
        if (index != null && index.size() >= INDEX_ITEMS_MAX) {
            return refusal(Message.FULL, now);
        }
        long start = index == null ? now * CatalogueIndex.VERSIONS_PER_MS : index.life();
        message = DocumentSteps.touch(value, tenure, start, name, documentVersion);
        return answer(Message.ACCEPTED, index == null ? start + 1 : index.version() + 1, 0, now, NO_BODY);
    }

    private byte[] since(long known) {
        message = DocumentSteps.barrier(value, tenure);
        if (!(value instanceof CatalogueIndex index)) {
            return refusal(Message.ABSENT, now);
        }
        Collection<CatalogueIndex.Item> news = index.since(known);
        WireWriter body = new WireWriter(64).i32(news.size());
        for (CatalogueIndex.Item item : news) {
            body.u8(item.name().kind()).i64(item.name().id()).i64(item.documentVersion());
        }
        return answer(Message.ACCEPTED, index.version(), 0, now, body.done());
    }

    /** The document after this one; a new life when there is none, or none any more. */
    private Document successor(long version, long durableVersion, long expiresAt, byte[] body) {
        if (document == null) {
            long life = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
            return new Document(life, 1, version, durableVersion, expiresAt, body, tenure);
        }
        long durable = Math.max(durableVersion, document.durableVersion());
        return new Document(document.life(), document.step() + 1, version, durable, expiresAt, body, tenure);
    }

    private byte[] accepted(Document after) {
        message = DocumentSteps.put(value, after);
        return answer(Message.ACCEPTED, after.version(), after.durableVersion(), now, NO_BODY);
    }

    private byte[] told(int outcome, Document told) {
        return told(outcome, told, told == null ? NO_BODY : told.body());
    }

    private byte[] told(int outcome, Document told, byte[] body) {
        message = DocumentSteps.barrier(value, tenure);
        return told == null ? refusal(outcome, now) : answer(outcome, told.version(), told.durableVersion(), now, body);
    }

    private static byte[] answer(int outcome, long version, long durableVersion, long now, byte[] body) {
        return new WireWriter(30 + body.length).u8(Message.FORMAT).u8(outcome).i64(version).i64(durableVersion).i64(now).blob(body).done();
    }
}
