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
    /** How far a member's clock has got from the machine's. */
    private static final long APART = 7;

    @TempDir
    private Path directory;
    private Path file;
    private long machine = START;
    private MovedClock clock;

    @BeforeEach
    void begin() {
        file = directory.resolve("ahead");
        clock = new MovedClock(() -> machine + APART, () -> machine, file);
    }

    @Test
    void withoutAFileItIsTheMachinesClock() {
        assertEquals(START + APART, clock.getAsLong());
    }

    @Test
    void itIsAheadByWhatTheFileSaysAsSoonAsItLooksAgain() throws IOException {
        clock.getAsLong();
        Files.writeString(file, "300000\n");

        machine += MovedClock.LOOK_MS - 1;
        assertEquals(machine + APART, clock.getAsLong());
        machine++;
        assertEquals(machine + APART + 300_000, clock.getAsLong());
    }

    @Test
    void itJumpsAtTheMomentThatTheFileNames() throws IOException {
        clock.getAsLong();
        long since = START + MovedClock.LOOK_MS + 30;
        Files.writeString(file, "300000 " + since);

        machine += MovedClock.LOOK_MS;
        assertEquals(machine + APART, clock.getAsLong());
        machine = since - 1;
        assertEquals(machine + APART, clock.getAsLong());
        machine = since;
        assertEquals(machine + APART + 300_000, clock.getAsLong());
    }

    @Test
    void itNeverGoesBack() throws IOException {
        Files.writeString(file, "300000");
        clock.getAsLong();

        for (String said : new String[] {"100", "", "nonsense", "-5"}) {
            Files.writeString(file, said);
            machine += MovedClock.LOOK_MS;
            assertEquals(machine + APART + 300_000, clock.getAsLong());
        }
        Files.delete(file);
        machine += MovedClock.LOOK_MS;
        assertEquals(machine + APART + 300_000, clock.getAsLong());
    }
}
