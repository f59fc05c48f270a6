package frontrow.member.grid;

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

    /** Whether a message made onto (life, step) fits onto this copy. */
    static boolean fits(Based copy, long life, long step) {
        return life(copy) == life && step(copy) == step;
    }
}
