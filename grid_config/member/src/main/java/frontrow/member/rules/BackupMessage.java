package frontrow.member.rules;

import java.util.ArrayList;
import java.util.List;

/**
 * What the owner did, for its backup: the base it stood on and the steps. Without steps it is a barrier: it is confirmed
 * only by a copy of the same state.
 *
 * <p>Wire: {@code u8 2 | i64 event | i64 incarnation | i64 seq_before | i64 durable_before | tenure before
 * (3×i64) | u32 n | n×(u8 type, bytes)}; zeros: there was no entry.
 */
public final class BackupMessage {
    private static final int FORMAT = 2;
    private static final int COUNT_AT = 57;

    private final WireWriter out = new WireWriter(512);
    private int steps;

    BackupMessage(long event, Inventory before) {
        out.u8(FORMAT).i64(event).i64(incarnation(before)).i64(seq(before)).i64(durableSeq(before));
        tenure(before).write(out).i32(0);
    }

    void add(Step step) {
        out.u8(step.type()).blob(step.bytes());
        steps++;
    }

    boolean isBarrier() {
        return steps == 0;
    }

    byte[] done() {
        out.patch32(COUNT_AT, steps);
        return out.done();
    }

    /**
     * Does to a copy (null: none) what the owner did, and answers what the copy is then.
     *
     * @throws BaseMismatchException when the copy is not what the owner's was; nothing was touched
     * @throws MalformedException when the message is none; nothing was touched
     */
    public static Inventory apply(Inventory copy, byte[] message) {
        WireReader in = new WireReader(message);
        if (in.u8() != FORMAT) {
            throw new MalformedException("backup message of another format");
        }
        in.i64(); // the event, for people who read dumps
        boolean fits = in.i64() == incarnation(copy) & in.i64() == seq(copy) & in.i64() == durableSeq(copy)
                & Tenure.read(in).equals(tenure(copy));
        List<Step> steps = read(in, copy, fits);
        Inventory after = copy;
        for (Step step : steps) {
            after = step.apply(after);
        }
        return after;
    }

    /** Reads every step before any is applied. */
    private static List<Step> read(WireReader in, Inventory copy, boolean fits) {
        int count = in.count(Integer.BYTES + 1);
        List<Step> steps = new ArrayList<>(count);
        Inventory stands = copy;
        boolean based = fits;
        boolean resynchronised = false;
        long seq = seq(copy);
        for (int index = 0; index < count; index++) {
            int type = in.u8();
            if (!based && type != Step.RESTORED) {
                throw mismatch(copy);
            }
            Step step = Step.read(type, in.blob(), stands == null ? 0 : stands.layout().categories());
            if (step instanceof Step.Restored restored) {
                stands = restored.built();
                seq = stands.seq();
                if (!based && !isSame(copy, stands)) {
                    throw mismatch(copy);
                }
                if (!based) {
                    based = true; // a resynchronisation has brought the restored entry before this message
                    resynchronised = true;
                    continue;
                }
            } else if (resynchronised && step instanceof Step.Led led) {
                if (!led.tenure().equals(copy.tenure())) {
                    throw mismatch(copy);
                }
                continue; // it came with the entry
            } else if (step instanceof Step.Changed changed && changed.change().head().seq() != ++seq) {
                throw mismatch(copy);
            } else if (stands == null) {
                throw mismatch(copy);
            } else if (step instanceof Step.Dropped) {
                stands = null;
                seq = 0;
            }
            steps.add(step);
        }
        in.end();
        if (!based) {
            throw mismatch(copy);
        }
        return steps;
    }

    private static boolean isSame(Inventory copy, Inventory restored) {
        return copy != null && copy.incarnation() == restored.incarnation() && copy.seq() == restored.seq();
    }

    private static BaseMismatchException mismatch(Inventory copy) {
        return new BaseMismatchException("message does not fit onto incarnation " + incarnation(copy) + ", seq " + seq(copy)
                + ", durable seq " + durableSeq(copy) + ", " + tenure(copy));
    }

    private static long incarnation(Inventory inventory) {
        return inventory == null ? 0 : inventory.incarnation();
    }

    private static long seq(Inventory inventory) {
        return inventory == null ? 0 : inventory.seq();
    }

    private static Tenure tenure(Inventory inventory) {
        return inventory == null ? Tenure.NONE : inventory.tenure();
    }

    private static long durableSeq(Inventory inventory) {
        return inventory == null ? 0 : inventory.durableSeq();
    }
}
