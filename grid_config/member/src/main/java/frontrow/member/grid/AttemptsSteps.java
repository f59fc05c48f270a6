package frontrow.member.grid;

import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What an owner did to a log of attempts, as bytes: {@code u8 format | i64 life | i64 step | u8 type | ...}, life and step
 * being those it was done onto. Types: 0 barrier; 1 append {@code i64 life, first_seq, fingerprint | u32 n | n x bytes}
 * (life and first seq for a log that is not there yet); 2 acknowledge {@code i64 to_seq}.
 */
final class AttemptsSteps {
    static final int BARRIER = 0;
    static final int APPEND = 1;
    static final int ACKNOWLEDGE = 2;

    private AttemptsSteps() {
    }

    static byte[] barrier(AttemptsLog base) {
        return begun(base, BARRIER, 0).done();
    }

    static byte[] append(AttemptsLog base, long life, long firstSeq, long fingerprint, byte[] batch) {
        return begun(base, APPEND, batch.length).i64(life).i64(firstSeq).i64(fingerprint).raw(batch).done();
    }

    static byte[] acknowledge(AttemptsLog base, long toSeq) {
        return begun(base, ACKNOWLEDGE, 0).i64(toSeq).done();
    }

    /** Throws, before anything is touched, when the message was made onto another life or step than this copy's. */
    static AttemptsLog checkedAndApplied(AttemptsLog copy, byte[] message) {
        WireReader in = new WireReader(message);
        int format = in.u8();
        if (format != Message.FORMAT) {
            throw new BackupMismatchException("format " + format);
        }
        long life = in.i64();
        long step = in.i64();
        if (!Based.fits(copy, life, step)) {
            throw new BackupMismatchException("made onto " + life + ":" + step + ", copy is at " + Based.life(copy) + ":" + Based.step(copy));
        }
        return switch (in.u8()) {
            case APPEND -> appended(copy, in);
            case ACKNOWLEDGE -> acknowledged(copy, in.i64());
            default -> copy;
        };
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

    private static WireWriter begun(AttemptsLog base, int type, int size) {
        return new WireWriter(48 + size).u8(Message.FORMAT).i64(Based.life(base)).i64(Based.step(base)).u8(type);
    }
}
