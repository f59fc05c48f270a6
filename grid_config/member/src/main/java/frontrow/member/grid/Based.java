package frontrow.member.grid;

import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;

/**
 * A value whose every change is numbered within its life, so that a backup can tell whether a message fits onto its copy.
 * An entry that is not there has life 0 and step 0.
 */
interface Based extends Copy {
    /** A random number, drawn when the entry was made; never 0. */
    long life();

    /** Counts the changes of this life from 1. */
    long step();

    @Override
    default long[] age() {
        return new long[] {tenure().era(), tenure().table(), step()};
    }

    @Override
    Based ledBy(Tenure tenure);

    static long life(Based value) {
        return value == null ? 0 : value.life();
    }

    static long step(Based value) {
        return value == null ? 0 : value.step();
    }

    /**
     * The rest of a message, which begins with {@code u8 format | i64 life | i64 step | tenure}: the tenure it is sent
     * in, and what was done.
     *
     * @throws BackupMismatchException when it was made onto another life, step or tenure than this copy's
     */
    static WireReader checked(Based copy, byte[] message) {
        WireReader in = new WireReader(message);
        int format = in.u8();
        if (format != Message.FORMAT) {
            throw new BackupMismatchException("format " + format);
        }
        long life = in.i64();
        long step = in.i64();
        Tenure tenure = Tenure.read(in);
        if (life(copy) != life || step(copy) != step || !tenure(copy).equals(tenure)) {
            throw new BackupMismatchException("made onto " + life + ":" + step + ":" + tenure
                    + ", copy is at " + life(copy) + ":" + step(copy) + ":" + tenure(copy));
        }
        return in;
    }

    static Tenure tenure(Based value) {
        return value == null ? Tenure.NONE : value.tenure();
    }

    /** A message onto this value: its beginning, the tenure in which it is sent, and the type of what was done to it. */
    static WireWriter begun(Based base, Tenure tenure, int type, int size) {
        WireWriter out = new WireWriter(size).u8(Message.FORMAT).i64(life(base)).i64(step(base));
        return tenure.write(tenure(base).write(out)).u8(type);
    }
}
