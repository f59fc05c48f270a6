package frontrow.member;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * A clock and as many milliseconds more as a file says: for tests, which show on running members what minutes bring without
 * waiting for them. Members of one grid read one file, so that their clocks stay together; the other processes read it too
 * (infra/clock.py). A second number is the unix time from which on they count, by the machine's wall clock, the only one that
 * processes share to the millisecond: all of them jump at one moment then.
 */
final class MovedClock implements LongSupplier {
    /** Between two looks at the file. */
    static final long LOOK_MS = 100;

    private final LongSupplier clock;
    private final LongSupplier wall;
    private final Path file;
    private long aheadMs;
    private long lookAt = Long.MIN_VALUE;

    MovedClock(LongSupplier clock, LongSupplier wall, Path file) {
        this.clock = clock;
        this.wall = wall;
        this.file = file;
    }

    /** Never goes back, whatever the file says next. */
    @Override
    public synchronized long getAsLong() {
        long now = wall.getAsLong();
        if (now >= lookAt) {
            look(now);
        }
        return clock.getAsLong() + aheadMs;
    }

    private void look(long now) {
        long[] told = told();
        lookAt = now + LOOK_MS;
        if (told[1] <= now) {
            aheadMs = Math.max(aheadMs, told[0]);
        } else {
            lookAt = Math.min(lookAt, told[1]);
        }
    }

    /** How far ahead, from when on; nothing while there is no file or no number in it. */
    private long[] told() {
        try {
            String[] words = Files.readString(file).strip().split(" ");
            return new long[] {Long.parseLong(words[0]), words.length > 1 ? Long.parseLong(words[1]) : Long.MIN_VALUE};
        } catch (IOException | NumberFormatException nothing) {
            return new long[] {0, Long.MIN_VALUE};
        }
    }
}
