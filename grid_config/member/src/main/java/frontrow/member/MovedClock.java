package frontrow.member;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * A clock and as many milliseconds more as a file says: for tests, which show on running members what minutes bring without
 * waiting for them. Members of one grid read one file, so that their clocks stay together; the other processes read it too.
 */
final class MovedClock implements LongSupplier {
    /** Between two looks at the file, by the clock itself. */
    static final long LOOK_MS = 100;

    private final LongSupplier clock;
    private final Path file;
    private long aheadMs;
    private long lookAt = Long.MIN_VALUE;

    MovedClock(LongSupplier clock, Path file) {
        this.clock = clock;
        this.file = file;
    }

    /** Never goes back, whatever the file says next. */
    @Override
    public synchronized long getAsLong() {
        long now = clock.getAsLong();
        if (now >= lookAt) {
            aheadMs = Math.max(aheadMs, told());
            lookAt = now + LOOK_MS;
        }
        return now + aheadMs;
    }

    /** 0 while there is no file or no number in it. */
    private long told() {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException | NumberFormatException nothing) {
            return 0;
        }
    }
}
