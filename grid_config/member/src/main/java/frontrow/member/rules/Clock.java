package frontrow.member.rules;

import java.util.function.LongSupplier;

/**
 * Unix milliseconds that never go back: the wall clock at start plus monotonic time. A corrected wall clock would
 * otherwise lengthen or cut holds.
 */
public final class Clock implements LongSupplier {
    private static final long NANOS_PER_MS = 1_000_000;

    private final LongSupplier nanos;
    private final long startMs;
    private final long startNanos;

    /**
     * @param startMs unix ms at which this clock starts
     * @param nanos monotonic nanoseconds
     */
    public Clock(long startMs, LongSupplier nanos) {
        this.startMs = startMs;
        this.nanos = nanos;
        this.startNanos = nanos.getAsLong();
    }

    public static Clock system() {
        return new Clock(System.currentTimeMillis(), System::nanoTime);
    }

    @Override
    public long getAsLong() {
        return startMs + (nanos.getAsLong() - startNanos) / NANOS_PER_MS;
    }
}
