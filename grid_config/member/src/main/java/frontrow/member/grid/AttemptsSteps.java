package frontrow.member.grid;

import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;
import java.util.ArrayList;
import java.util.List;

/**
 * What an owner did to a log of attempts, as bytes: {@code u8 format | i64 life | i64 step | tenure | u8 type |
 * ...}, life, step and tenure being those it was done onto. Types: 0 barrier; 1 append {@code i64 life, first_seq, fingerprint | u32 n | n x bytes}
 * (life and first seq for a log that is not there yet); 2 acknowledge {@code i64 to_seq}.
 */
final class AttemptsSteps {
    static final int BARRIER = 0;
    static final int APPEND = 1;
    static final int ACKNOWLEDGE = 2;

    private static final int SIZE = 80; // of any step but for what is appended

    private AttemptsSteps() {
    }

    static byte[] barrier(AttemptsLog base, Tenure tenure) {
        return Based.begun(base, tenure, BARRIER, SIZE).done();
    }

    static byte[] append(AttemptsLog base, Tenure tenure, long life, long firstSeq, long fingerprint, byte[] batch) {
        return Based.begun(base, tenure, APPEND, SIZE + batch.length).i64(life).i64(firstSeq).i64(fingerprint).raw(batch).done();
    }

    static byte[] acknowledge(AttemptsLog base, Tenure tenure, long toSeq) {
        return Based.begun(base, tenure, ACKNOWLEDGE, SIZE).i64(toSeq).done();
    }

    /** Throws, before anything is touched, when the message was made onto another life, step or tenure than this copy's. */
    static AttemptsLog checkedAndApplied(AttemptsLog copy, byte[] message) {
        WireReader in = Based.checked(copy, message);
        Tenure tenure = Tenure.read(in);
        AttemptsLog after = switch (in.u8()) {
            case APPEND -> appended(copy, in);
            case ACKNOWLEDGE -> acknowledged(copy, in.i64());
            default -> copy;
        };
        if (after != null) {
            after.ledBy(tenure);
        }
        return after;
    }

    /** {@code u32 n | n x bytes}; malformed when it is cut short or says more than it has. */
    static List<byte[]> batch(WireReader in) {
        int count = in.count(Integer.BYTES);
        List<byte[]> batch = new ArrayList<>(count);
        for (int left = count; left > 0; left--) {
            batch.add(in.blob());
        }
        return batch;
    }

    private static AttemptsLog appended(AttemptsLog copy, WireReader in) {
        long life = in.i64();
        long firstSeq = in.i64();
        long fingerprint = in.i64();
        List<byte[]> batch = batch(in);
        AttemptsLog log = copy == null ? new AttemptsLog(life, firstSeq) : copy;
        log.append(fingerprint, batch);
        return log;
    }

    private static AttemptsLog acknowledged(AttemptsLog log, long toSeq) {
        log.acknowledge(toSeq);
        return log;
    }
}
