package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IndeterminateOperationStateException;
import frontrow.member.TestGrid;
import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Documents on two real members: every test has a key of its own. */
class DocumentProcessorTest {
    private static final AtomicInteger KEYS = new AtomicInteger();
    private static TestGrid grid;

    private final String hall = "hall:" + KEYS.incrementAndGet();
    private final String login = "login:" + KEYS.incrementAndGet();

    private record Answer(int outcome, long version, long durableVersion, byte[] body) {
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
    void whatWasPutIsToldWithItsVersion() {
        assertEquals(1, put(hall, 0, "first").version);
        assertEquals(2, put(hall, 1, "second").version);

        Answer told = get(hall);
        assertEquals(Message.ACCEPTED, told.outcome);
        assertEquals(2, told.version);
        assertArrayEquals(bytes("second"), told.body);
    }

    @Test
    void aPutOntoAnotherVersionIsStaleAndToldWhatStands() {
        put(hall, 0, "first");
        put(hall, 1, "second");

        Answer stale = put(hall, 1, "third");
        assertEquals(Message.STALE, stale.outcome);
        assertEquals(2, stale.version);
        assertArrayEquals(bytes("second"), stale.body);
    }

    @Test
    void aRepeatedPutIsRecognisedByItsBytes() {
        put(hall, 0, "first");

        assertEquals(Message.REPEATED, put(hall, 0, "first").outcome);
        assertEquals(Message.STALE, put(hall, 0, "other").outcome);
    }

    @Test
    void aClaimIsGoneWhenItsTimeIsOver() {
        put(login, 0, "alice", 1_000);
        assertEquals(Message.STALE, put(login, 0, "bob", 1_000).outcome);

        grid.moveClock(1_000);
        assertEquals(Message.ABSENT, get(login).outcome);
        assertEquals(Message.ACCEPTED, put(login, 0, "bob", 0).outcome);
        grid.moveClock(10_000);
        assertArrayEquals(bytes("bob"), get(login).body);
    }

    @Test
    void aDrainTellsWhatIsNotDurableAndTheAcknowledgementEndsIt() {
        put(hall, 0, "first");
        Answer drained = drain(hall);
        assertEquals(1, drained.version);
        assertEquals(0, drained.durableVersion);
        assertArrayEquals(bytes("first"), drained.body);

        acknowledge(hall, 1);
        drained = drain(hall);
        assertEquals(1, drained.durableVersion);
        assertEquals(0, drained.body.length);
    }

    @Test
    void aTombstoneLeavesWithItsAcknowledgement() {
        put(hall, 0, "first");
        ask(hall, DocumentProcessor.REMOVE, new WireWriter(8).i64(1));
        assertEquals(2, drain(hall).version);
        assertEquals(Message.ACCEPTED, get(hall).outcome);

        acknowledge(hall, 2);
        assertEquals(Message.ABSENT, get(hall).outcome);
        assertNull(TestGrid.copyAt(grid.ownerOf(hall), "documents", hall));
        assertNull(TestGrid.copyAt(grid.backupOf(hall), "documents", hall));
    }

    @Test
    void aClaimLeavesAtOnce() {
        put(login, 0, "alice");
        assertEquals(Message.ACCEPTED, ask(login, DocumentProcessor.REMOVE, new WireWriter(8).i64(1)).outcome);
        assertNull(TestGrid.copyAt(grid.backupOf(login), "documents", login));
        assertEquals(Message.ABSENT, ask(login, DocumentProcessor.REMOVE, new WireWriter(8).i64(1)).outcome);
    }

    @Test
    void anOverdueClaimIsClearedByADrain() {
        put(login, 0, "alice", 10);
        grid.moveClock(10);
        assertNotNull(TestGrid.copyAt(grid.backupOf(login), "documents", login));

        assertEquals(Message.ABSENT, drain(login).outcome);
        assertNull(TestGrid.copyAt(grid.ownerOf(login), "documents", login));
        assertNull(TestGrid.copyAt(grid.backupOf(login), "documents", login));
    }

    @Test
    void ownerAndBackupAreEqualAfterEveryStep() {
        List<Runnable> steps = List.of(
                () -> put(hall, 0, "first"), () -> put(hall, 1, "second"), () -> acknowledge(hall, 1), () -> get(hall),
                () -> ask(hall, DocumentProcessor.REMOVE, new WireWriter(8).i64(2)), () -> put(hall, 3, "third"));
        for (Runnable step : steps) {
            step.run();
            Object copy = TestGrid.copyAt(grid.ownerOf(hall), "documents", hall);
            assertNotNull(copy);
            assertEquals(copy, TestGrid.copyAt(grid.backupOf(hall), "documents", hall));
        }
    }

    /** The barrier: without it a backup that missed a put would let the owner go on telling it. */
    @Test
    void nothingIsToldThatTheBackupHasNot() {
        put(hall, 0, "first");
        TestGrid.loseCopyAt(grid.backupOf(hall), "documents", hall);

        assertThrows(IndeterminateOperationStateException.class, () -> get(hall));
        grid.waitUntil(() -> TestGrid.copyAt(grid.backupOf(hall), "documents", hall) != null); // copied anew by Hazelcast
        assertArrayEquals(bytes("first"), get(hall).body);
    }

    @Test
    void absenceIsToldBehindABarrierToo() {
        put(login, 0, "alice");
        HazelcastInstance owner = grid.ownerOf(login);
        TestGrid.loseCopyAt(owner, "documents", login);

        assertThrows(IndeterminateOperationStateException.class, () -> get(login));
    }

    @Test
    void aBackupAppliesNothingOntoAnotherStep() {
        Document first = new Document(7, 1, 1, 0, 0, bytes("first"), Tenure.NONE);
        Document second = new Document(7, 2, 2, 0, 0, bytes("second"), new Tenure(3, 4, 5));
        byte[] message = DocumentSteps.put(first, second);

        assertEquals(second, DocumentSteps.checkedAndApplied(first, message));
        assertThrows(BackupMismatchException.class, () -> DocumentSteps.checkedAndApplied(null, message));
        assertThrows(BackupMismatchException.class, () -> DocumentSteps.checkedAndApplied(second, message));
        assertThrows(BackupMismatchException.class,
                () -> DocumentSteps.checkedAndApplied(new Document(8, 1, 1, 0, 0, bytes("first"), Tenure.NONE), message));
        assertThrows(BackupMismatchException.class,
                () -> DocumentSteps.checkedAndApplied(first.ledBy(new Tenure(2, 4, 5)), message));
    }

    @Test
    void theIndexTellsWhatIsNewAndKeepsTheHighestVersion() {
        String index = "index:" + hall;
        assertEquals(Message.ABSENT, since(index, 0).outcome);
        touch(index, 1, 100, 5);
        long known = since(index, 0).version;
        touch(index, 3, 200, 1);
        touch(index, 1, 100, 4);

        WireReader news = new WireReader(since(index, known).body);
        assertEquals(1, news.i32());
        assertEquals(3, news.u8());
        assertEquals(200, news.i64());
        assertEquals(1, news.i64());
        assertEquals(2, new WireReader(since(index, known - 2).body).i32(), "a version before its start: everything");
        assertEquals(TestGrid.copyAt(grid.ownerOf(index), "documents", index), TestGrid.copyAt(grid.backupOf(index), "documents", index));
    }

    @Test
    void requestsOfAnotherTimeOrFormatAreNotRead() {
        byte[] late = new WireWriter(16).u8(Message.FORMAT).i64(grid.now() - 61_000).u8(DocumentProcessor.GET).done();
        byte[] unknown = new WireWriter(16).u8(9).done();
        byte[] cut = new WireWriter(16).u8(Message.FORMAT).i64(grid.now()).u8(DocumentProcessor.PUT).i64(0).done();

        assertEquals(Message.LATE, sent(hall, late).outcome);
        assertEquals(Message.UNSUPPORTED, sent(hall, unknown).outcome);
        assertEquals(Message.INVALID, sent(hall, cut).outcome);
        assertEquals(Message.ABSENT, get(hall).outcome);
    }

    @Test
    void whatWasToldSurvivesTheOwnersDeathAndIsHintedByItsHeir() {
        try (TestGrid mortal = TestGrid.of(3)) {
            put(mortal, hall, 0, "first");
            mortal.kill(mortal.ownerOf(hall));
            mortal.waitUntil(() -> ask(mortal, hall, DocumentProcessor.GET, new WireWriter(0)).outcome == Message.ACCEPTED);
            assertArrayEquals(bytes("first"), ask(mortal, hall, DocumentProcessor.GET, new WireWriter(0)).body);

            HazelcastInstance heir = mortal.ownerOf(hall);
            mortal.waitUntil(() -> Context.hints(heir).dirtyDocuments(10, key -> true).contains(hall));
        }
    }

    @Test
    void aMemberAloneAnswersNothing() {
        try (TestGrid mortal = TestGrid.of(2)) {
            put(mortal, hall, 0, "first");
            mortal.kill(mortal.member(1));
            assertEquals(Message.UNAVAILABLE, ask(mortal, hall, DocumentProcessor.GET, new WireWriter(0)).outcome);
            assertEquals(Message.UNAVAILABLE, put(mortal, hall, 1, "second").outcome);
        }
    }

    private static Answer put(String key, long expected, String body) {
        return put(grid, key, expected, body);
    }

    private static Answer put(TestGrid grid, String key, long expected, String body) {
        return ask(grid, key, DocumentProcessor.PUT, new WireWriter(64).i64(expected).i64(0).blob(bytes(body)));
    }

    private static Answer put(String key, long expected, String body, long ttlMs) {
        return ask(key, DocumentProcessor.PUT, new WireWriter(64).i64(expected).i64(ttlMs).blob(bytes(body)));
    }

    private static Answer get(String key) {
        return ask(key, DocumentProcessor.GET, new WireWriter(0));
    }

    private static Answer drain(String key) {
        return ask(key, DocumentProcessor.DRAIN, new WireWriter(0));
    }

    private static void acknowledge(String key, long version) {
        ask(key, DocumentProcessor.ACKNOWLEDGE, new WireWriter(8).i64(version));
    }

    private static void touch(String key, int kind, long id, long version) {
        assertTrue(ask(key, DocumentProcessor.TOUCH, new WireWriter(32).u8(kind).i64(id).i64(version)).outcome == Message.ACCEPTED);
    }

    private static Answer since(String key, long known) {
        return ask(key, DocumentProcessor.SINCE, new WireWriter(8).i64(known));
    }

    private static Answer ask(String key, int op, WireWriter body) {
        return ask(grid, key, op, body);
    }

    private static Answer ask(TestGrid grid, String key, int op, WireWriter body) {
        return sent(grid, key, new WireWriter(32).u8(Message.FORMAT).i64(grid.now()).u8(op).raw(body.done()).done());
    }

    private static Answer sent(String key, byte[] request) {
        return sent(grid, key, request);
    }

    private static Answer sent(TestGrid grid, String key, byte[] request) {
        byte[] bytes = grid.member(0).<String, Based>getMap("documents").executeOnKey(key, new DocumentProcessor(request));
        WireReader in = new WireReader(bytes);
        assertEquals(Message.FORMAT, in.u8());
        int outcome = in.u8();
        long version = in.i64();
        long durableVersion = in.i64();
        in.i64();
        return new Answer(outcome, version, durableVersion, in.blob());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
