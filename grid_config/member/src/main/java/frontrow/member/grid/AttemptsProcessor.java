package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import frontrow.member.rules.Limits;
import frontrow.member.rules.MalformedException;
import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One request to one log of refused attempts. Request: {@code u8 format | i64 made_at | u8 op | body}; ops: 1 append
 * {@code u32 n | n x bytes}, 2 drain {@code u16 max}, 3 acknowledge {@code i64 to_seq}, 4 rehint. Answer:
 * {@code u8 format | u8 outcome | i64 life | bytes body}; body of an append: {@code i64 last_seq}.
 */
public final class AttemptsProcessor extends Parcel implements EntryProcessor<String, AttemptsLog, byte[]> {
    static final int APPEND = 1;
    static final int DRAIN = 2;
    static final int ACKNOWLEDGE = 3;
    static final int REHINT = 4;
    /** One drained batch is one message and one transaction. */
    static final int DRAIN_RECORDS_MAX = 2_000;
    /** A record is a line of the audit log, not a document. */
    static final int RECORD_BYTES_MAX = 4_096;

    private static final byte[] NO_BODY = new byte[0];

    private transient byte[] message;
    private transient Tenure tenure;

    AttemptsProcessor() {
        this(null);
    }

    AttemptsProcessor(byte[] request) {
        super(MemberFactory.ATTEMPTS_PROCESSOR, request);
    }

    @Override
    public byte[] process(Map.Entry<String, AttemptsLog> entry) {
        message = null;
        WireReader in = new WireReader(bytes());
        long now = Context.clock(member()).getAsLong();
        AttemptsLog log = entry.getValue();
        try {
            if (in.u8() != Message.FORMAT) {
                return answer(Message.UNSUPPORTED, log, NO_BODY);
            }
            long madeAt = in.i64();
            int op = in.u8();
            if (op == REHINT) {
                hint(entry.getKey(), log);
                return null;
            }
            Fence fence = Fence.of(member());
            tenure = Based.tenure(log).led(fence.constellationOf(entry.getKey()), now);
            if (!fence.holds(entry.getKey())) {
                return answer(Message.UNAVAILABLE, log, NO_BODY);
            }
            if (Message.isLate(madeAt, now)) {
                return answer(Message.LATE, log, NO_BODY);
            }
            return answered(entry, op, in, now);
        } catch (MalformedException malformed) {
            return answer(Message.INVALID, log, NO_BODY);
        }
    }

    private byte[] answered(Map.Entry<String, AttemptsLog> entry, int op, WireReader in, long now) {
        AttemptsLog log = entry.getValue();
        return switch (op) {
            case APPEND -> append(entry, in, now);
            case DRAIN -> {
                message = AttemptsSteps.barrier(log, tenure);
                int most = Math.min(in.u16(), DRAIN_RECORDS_MAX);
                applied(entry);
                yield answer(Message.ACCEPTED, log, (log == null ? new AttemptsLog() : log).drained(most));
            }
            case ACKNOWLEDGE -> {
                long toSeq = in.i64();
                boolean trims = log != null && log.size() > 0 && toSeq >= log.firstSeq();
                message = trims ? AttemptsSteps.acknowledge(log, tenure, toSeq) : AttemptsSteps.barrier(log, tenure);
                yield answer(Message.ACCEPTED, applied(entry), NO_BODY);
            }
            default -> answer(Message.INVALID, log, NO_BODY);
        };
    }

    private byte[] append(Map.Entry<String, AttemptsLog> entry, WireReader in, long now) {
        AttemptsLog log = entry.getValue();
        byte[] batch = in.rest();
        List<byte[]> records = AttemptsSteps.batch(new WireReader(batch));
        if (records.isEmpty() || records.stream().anyMatch(record -> record.length > RECORD_BYTES_MAX)) {
            return answer(Message.INVALID, log, NO_BODY);
        }
        long fingerprint = AttemptsLog.fingerprint(bytes());
        Long lastSeq = log == null ? null : log.lastSeqOf(fingerprint);
        if (lastSeq != null) {
            message = AttemptsSteps.barrier(log, tenure);
            return answer(Message.REPEATED, applied(entry), new WireWriter(8).i64(lastSeq).done());
        }
        boolean memoryShort = Context.memory(member()).isShortFor(member(), entry.getKey());
        int most = memoryShort ? Limits.ATTEMPTS_RECORDS_SHORT_MAX : Limits.ATTEMPTS_RECORDS_MAX;
        if ((log == null ? 0 : log.size()) + records.size() > most) {
            return answer(Message.FULL, log, NO_BODY);
        }
        long life = log == null ? ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE) : log.life();
        message = AttemptsSteps.append(log, tenure, life, now * AttemptsLog.SEQS_PER_MS, fingerprint, batch);
        AttemptsLog after = applied(entry);
        return answer(Message.ACCEPTED, after, new WireWriter(8).i64(after.lastSeq()).done());
    }

    private AttemptsLog applied(Map.Entry<String, AttemptsLog> entry) {
        AttemptsLog after = AttemptsSteps.checkedAndApplied(entry.getValue(), message);
        if (after != null) {
            entry.setValue(after);
        }
        hint(entry.getKey(), after);
        return after;
    }

    private void hint(String key, AttemptsLog log) {
        Context.hints(member()).attempts(key, log != null && log.size() > 0);
    }

    private static byte[] answer(int outcome, AttemptsLog log, byte[] body) {
        return new WireWriter(14 + body.length).u8(Message.FORMAT).u8(outcome).i64(Based.life(log)).blob(body).done();
    }

    /** Asked for twice by Hazelcast, after {@link #process}; null sends nothing. */
    @Override
    public EntryProcessor<String, AttemptsLog, byte[]> getBackupProcessor() {
        return message == null ? null : new AttemptsBackup(message);
    }
}
