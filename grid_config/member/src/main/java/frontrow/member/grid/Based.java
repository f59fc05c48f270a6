package frontrow.member.grid;

import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;

/**
 * A value whose every change is numbered within its life, so that a backup can tell whether a message fits onto its copy.
 * An entry that is not there has life 0 and step 0.
 */
interface Based {
    /** A random number, drawn when the entry was made; never 0. */
    long life();

    /** Counts the changes of this life from 1. */
    long step();

    static long life(Based value) {
        return value == null ? 0 : value.life();
    }

    static long step(Based value) {
        return value == null ? 0 : value.step();
    }

    /**
     * The rest of a message, which begins with {@code u8 format | i64 life | i64 step}.
     *
     * @throws BackupMismatchException when it was made onto another life or step than this copy's
     */
    static WireReader checked(Based copy, byte[] message) {
        WireReader in = new WireReader(message);
        int format = in.u8();
        if (format != Message.FORMAT) {
            throw new BackupMismatchException("format " + format);
        }
        long life = in.i64();
        long step = in.i64();
        if (life(copy) != life || step(copy) != step) {
            throw new BackupMismatchException("made onto " + life + ":" + step + ", copy is at " + life(copy) + ":" + step(copy));
        }
        return in;
    }

    /** A message onto this value: its beginning, and the type of what was done to it. */
    static WireWriter begun(Based base, int type, int size) {
        return new WireWriter(size).u8(Message.FORMAT).i64(life(base)).i64(step(base)).u8(type);
    }
}
