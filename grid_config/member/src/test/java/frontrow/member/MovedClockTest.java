package frontrow.member;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clock that tests move by writing a file. */
class MovedClockTest {
    private static final long START = 1_000_000;

    @TempDir
    private Path directory;
    private Path file;
    private long machine = START;
    private MovedClock clock;

    @BeforeEach
    void begin() {
        file = directory.resolve("ahead");
        clock = new MovedClock(() -> machine, file);
    }

    @Test
    void withoutAFileItIsTheMachinesClock() {
        assertEquals(START, clock.getAsLong());
    }

    @Test
    void itIsAheadByWhatTheFileSaysAsSoonAsItLooksAgain() throws IOException {
        clock.getAsLong();
        Files.writeString(file, "300000\n");

        machine += MovedClock.LOOK_MS - 1;
        assertEquals(machine, clock.getAsLong());
        machine++;
        assertEquals(machine + 300_000, clock.getAsLong());
    }

    @Test
    void itNeverGoesBack() throws IOException {
        Files.writeString(file, "300000");
        clock.getAsLong();

        for (String said : new String[] {"100", "", "nonsense", "-5"}) {
            Files.writeString(file, said);
            machine += MovedClock.LOOK_MS;
            assertEquals(machine + 300_000, clock.getAsLong());
        }
        Files.delete(file);
        machine += MovedClock.LOOK_MS;
        assertEquals(machine + 300_000, clock.getAsLong());
    }
}
