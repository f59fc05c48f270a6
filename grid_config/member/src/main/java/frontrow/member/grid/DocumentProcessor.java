package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import frontrow.member.rules.MalformedException;
import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;
import java.util.Map;

/**
 * One request to one entry of the map {@code documents}. Request: {@code u8 format | i64 made_at | u8 op | body}; answer:
 * {@code u8 format | u8 outcome | i64 version | i64 durable_version | i64 now | bytes body}. Everything that tells state
 * is a barrier: it is answered when the backup has confirmed the same state.
 */
public final class DocumentProcessor extends Parcel implements EntryProcessor<String, Based, byte[]> {
    static final int GET = 1;
    static final int PUT = 2;
    static final int DRAIN = 3;
    static final int ACKNOWLEDGE = 4;
    static final int RESTORE = 5;
    static final int REMOVE = 6;
    static final int TOUCH = 7;
    static final int SINCE = 8;
    static final int REHINT = 9;

    private transient DocumentBackup backup;

    DocumentProcessor() {
        this(null);
    }

    DocumentProcessor(byte[] request) {
        super(MemberFactory.DOCUMENT_PROCESSOR, request);
    }

    @Override
    public byte[] process(Map.Entry<String, Based> entry) {
        backup = null;
        WireReader in = new WireReader(bytes());
        long now = Context.clock(member()).getAsLong();
        try {
            if (in.u8() != Message.FORMAT) {
                return DocumentCall.refusal(Message.UNSUPPORTED, now);
            }
            long madeAt = in.i64();
            int op = in.u8();
            if (op == REHINT) {
                DocumentKeys.hint(Context.hints(member()), entry.getKey(), entry.getValue(), now);
                return null;
            }
            Fence fence = Fence.of(member());
            Tenure tenure = Based.tenure(entry.getValue()).led(fence.constellationOf(entry.getKey()), now);
            if (!fence.holds(entry.getKey())) {
                return DocumentCall.refusal(Message.UNAVAILABLE, now);
            }
            if (Message.isLate(madeAt, now)) {
                return DocumentCall.refusal(Message.LATE, now);
            }
            boolean memoryShort = Context.memory(member()).isShortFor(member(), entry.getKey());
            return answered(entry, new DocumentCall(entry.getKey(), entry.getValue(), tenure, now, memoryShort), op, in);
        } catch (MalformedException malformed) {
            return DocumentCall.refusal(Message.INVALID, now);
        }
    }

    /** Decide first, which only looks; what it decided is then applied from the very bytes that the backup gets. */
    private byte[] answered(Map.Entry<String, Based> entry, DocumentCall call, int op, WireReader in) {
        byte[] answer = call.decide(op, in);
        byte[] message = call.message();
        if (message != null) {
            Based before = entry.getValue();
            Based after = DocumentSteps.checkedAndApplied(before, message);
            if (after != before || op == TOUCH) {
                entry.setValue(after);
            }
            backup = new DocumentBackup(message);
        }
        // Always, so that a hint that outlived its reason (the entry was elsewhere meanwhile) goes at the next call.
        DocumentKeys.hint(Context.hints(member()), entry.getKey(), entry.getValue(), call.now());
        return answer;
    }

    /** Asked for twice by Hazelcast, after {@link #process}; null sends nothing. */
    @Override
    public EntryProcessor<String, Based, byte[]> getBackupProcessor() {
        return backup;
    }
}
