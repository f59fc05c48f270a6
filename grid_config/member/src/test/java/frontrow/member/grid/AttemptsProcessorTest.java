package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.IndeterminateOperationStateException;
import frontrow.member.TestGrid;
import frontrow.member.rules.Limits;
import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Logs of refused attempts on two real members: every test has a log of its own. */
class AttemptsProcessorTest {
    private static final AtomicInteger KEYS = new AtomicInteger();
    private static TestGrid grid;

    private final String key = "attempts:" + KEYS.incrementAndGet();

    private record Answer(int outcome, long life, byte[] body) {
    }

    private record Drained(long firstSeq, List<String> records) {
        long lastSeq() {
            return firstSeq + records.size() - 1;
        }
    }

    @BeforeAll
    static void start() {
        grid = TestGrid.of(2);
    }

    @AfterAll
    static void stop() {
        grid.close();
    }

    @Test
    void recordsAreDrainedInOrderUntilTheyAreAcknowledged() {
        append("a", "b");
        append("c");
        Drained first = drain(2);
        assertEquals(List.of("a", "b"), first.records);
        assertEquals(first, drain(2));

        acknowledge(first.lastSeq());
        assertEquals(new Drained(first.lastSeq() + 1, List.of("c")), drain(10));
        acknowledge(first.lastSeq());
        assertEquals(List.of("c"), drain(10).records);
    }

    @Test
    void aBatchSentAgainIsAppendedOnce() {
        byte[] request = request(AttemptsProcessor.APPEND, batch("a"));
        Answer first = sent(request);
        Answer again = sent(request);

        assertEquals(Message.REPEATED, again.outcome);
        assertEquals(new WireReader(first.body).i64(), new WireReader(again.body).i64());
        assertEquals(List.of("a"), drain(10).records);
    }

    @Test
    void theBoundHolds() {
        String[] many = new String[Limits.ATTEMPTS_RECORDS_MAX];
        java.util.Arrays.fill(many, "x");
        assertEquals(Message.ACCEPTED, append(many).outcome);
        assertEquals(Message.FULL, append("one too many").outcome);

        Drained drained = drain(50_000);
        assertEquals(AttemptsProcessor.DRAIN_RECORDS_MAX, drained.records.size());
        acknowledge(drained.lastSeq());
        assertEquals(Message.ACCEPTED, append("room again").outcome);
    }

    @Test
    void aLateAcknowledgementOfAFormerLifeTrimsNothing() {
        append("a");
        long former = drain(1).firstSeq;
        grid.ownerOf(key).getMap("attempts").delete(key);
        grid.moveClock(1);
        append("b");
        acknowledge(former);

        assertEquals(List.of("b"), drain(1).records);
    }

    @Test
    void ownerAndBackupAreEqualAfterEveryStep() {
        for (Runnable step : List.<Runnable>of(() -> append("a", "b"), () -> acknowledge(drain(1).firstSeq), () -> append("c"), () -> drain(9))) {
            step.run();
            assertEquals(TestGrid.copyAt(grid.ownerOf(key), "attempts", key), TestGrid.copyAt(grid.backupOf(key), "attempts", key));
        }
    }

    @Test
    void nothingIsDrainedThatTheBackupHasNot() {
        append("a");
        TestGrid.loseCopyAt(grid.backupOf(key), "attempts", key);

        assertThrows(IndeterminateOperationStateException.class, () -> drain(1));
    }

    @Test
    void aLogHintsWhileThereIsSomethingToDrain() {
        append("a");
        Hints hints = Context.hints(grid.ownerOf(key));
        assertTrue(hints.dirtyAttempts(100, any -> true).contains(key));

        acknowledge(drain(1).lastSeq());
        assertFalse(hints.dirtyAttempts(100, any -> true).contains(key));
    }

    private Answer append(String... records) {
        return sent(request(AttemptsProcessor.APPEND, batch(records)));
    }

    private Drained drain(int most) {
        WireReader in = new WireReader(sent(request(AttemptsProcessor.DRAIN, new WireWriter(2).u16(most))).body);
        long firstSeq = in.i64();
        List<String> records = new ArrayList<>();
        for (int left = in.i32(); left > 0; left--) {
            records.add(new String(in.blob(), java.nio.charset.StandardCharsets.UTF_8));
        }
        return new Drained(firstSeq, records);
    }

    private void acknowledge(long toSeq) {
        assertEquals(Message.ACCEPTED, sent(request(AttemptsProcessor.ACKNOWLEDGE, new WireWriter(8).i64(toSeq))).outcome);
    }

    private static WireWriter batch(String... records) {
        WireWriter batch = new WireWriter(64).i32(records.length);
        for (String record : records) {
            batch.blob(record.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return batch;
    }

    private static byte[] request(int op, WireWriter body) {
        return new WireWriter(32).u8(Message.FORMAT).i64(grid.now()).u8(op).raw(body.done()).done();
    }

    private Answer sent(byte[] request) {
        byte[] bytes = grid.member(0).<String, AttemptsLog>getMap("attempts").executeOnKey(key, new AttemptsProcessor(request));
        WireReader in = new WireReader(bytes);
        assertEquals(Message.FORMAT, in.u8());
        return new Answer(in.u8(), in.i64(), in.blob());
    }
}
