package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import frontrow.member.TestGrid;
import frontrow.member.rules.Answer;
import frontrow.member.rules.Commands;
import frontrow.member.rules.Hall;
import frontrow.member.rules.Limits;
import frontrow.member.rules.Outcome;
import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Members that are short of memory refuse what is new, wherever the shortage is, and go on with what they have. */
class MemoryTest {
    private static final long EVENT = 1;
    private static TestGrid grid;

    @BeforeAll
    static void start() {
        grid = TestGrid.of(3);
        assertEquals(Outcome.ACCEPTED, ask(EVENT, Commands.restore(new Hall().row(20).restoreBody())).outcome());
        assertEquals(Outcome.ACCEPTED, ask(EVENT, Commands.open(Hall.INCARNATION)).outcome());
    }

    @AfterAll
    static void stop() {
        grid.close();
    }

    @AfterEach
    void enough() {
        members().forEach(member -> Context.memory(member).keepOnly(Set.of()));
    }

    private static Answer ask(long event, byte[]... commands) {
        IMap<Long, InventoryEntry> inventories = grid.member(0).getMap("inventory");
        return new Answer(inventories.executeOnKey(event, new InventoryProcessor(Commands.batch(grid.now(), commands))));
    }

    private static List<HazelcastInstance> members() {
        return List.of(grid.member(0), grid.member(1), grid.member(2));
    }

    /** Everybody has heard that a member is short. */
    private static void isShort(HazelcastInstance one) {
        members().forEach(member -> Context.memory(member).heard(idOf(one), true));
    }

    private static UUID idOf(HazelcastInstance member) {
        return member.getCluster().getLocalMember().getUuid();
    }

    private static HazelcastInstance keeping(long event, boolean asOwner) {
        HazelcastInstance owner = grid.ownerOf(event);
        return asOwner ? owner : members().stream()
                .filter(member -> member != owner && TestGrid.copyAt(member, "inventory", event) != null).findFirst().orElseThrow();
    }

    private static int put(String key, long expected) {
        byte[] body = new WireWriter(64).u8(Message.FORMAT).i64(grid.now()).u8(DocumentProcessor.PUT).i64(expected).i64(0)
                .blob(new byte[] {1}).done();
        IMap<String, Based> documents = grid.member(0).getMap("documents");
        WireReader answer = new WireReader(documents.executeOnKey(key, new DocumentProcessor(body)));
        answer.u8();
        return answer.u8();
    }

    private static int append(String key, int records) {
        WireWriter request = new WireWriter(64).u8(Message.FORMAT).i64(grid.now()).u8(AttemptsProcessor.APPEND).i32(records);
        Collections.nCopies(records, new byte[] {1}).forEach(request::blob);
        IMap<String, AttemptsLog> logs = grid.member(0).getMap("attempts");
        WireReader answer = new WireReader(logs.executeOnKey(key, new AttemptsProcessor(request.done())));
        answer.u8();
        return answer.u8();
    }

    @Test
    void aHoldIsRefusedWhereTheOwnerOrTheBackupIsShortAndNowhereElse() {
        HazelcastInstance owner = keeping(EVENT, true);
        HazelcastInstance backup = keeping(EVENT, false);
        HazelcastInstance other = members().stream().filter(member -> member != owner && member != backup).findFirst().orElseThrow();

        isShort(owner);
        assertEquals(Outcome.FULL, ask(EVENT, Commands.hold(1, 1, 3)).outcome());
        enough();
        isShort(backup);
        assertEquals(Outcome.FULL, ask(EVENT, Commands.hold(1, 1, 3)).outcome());
        enough();
        isShort(other);
        assertEquals(Outcome.ACCEPTED, ask(EVENT, Commands.hold(1, 1, 3)).outcome());
    }

    @Test
    void whoHasLeftIsShortOfNothing() {
        Memory memory = new Memory();
        UUID left = UUID.randomUUID();
        UUID stays = UUID.randomUUID();
        memory.heard(left, true);
        memory.heard(stays, true);
        memory.keepOnly(Set.of(stays));
        memory.heard(stays, false);

        assertFalse(memory.isShortFor(grid.member(0), EVENT));
    }

    @Test
    void noEntryIsMadeUntilThereIsRoom() {
        long event = 2;
        members().forEach(MemoryTest::isShort);
        byte[] restore = Commands.restore(new Hall().row(4).restoreBody());
        assertEquals(Outcome.FULL, ask(event, restore).outcome());
        assertNull(TestGrid.copyAt(grid.ownerOf(event), "inventory", event));

        enough();
        assertEquals(Outcome.ACCEPTED, ask(event, restore).outcome());
        assertNotNull(TestGrid.copyAt(grid.ownerOf(event), "inventory", event));
    }

    @Test
    void noNewDocumentIsTakenButForTheMarkersAndKnownOnesChange() {
        assertEquals(Message.ACCEPTED, put("account:1", 0));
        members().forEach(MemoryTest::isShort);

        assertEquals(Message.FULL, put("account:2", 0));
        assertEquals(Message.FULL, put("login:2", 0), "or its name would be taken for nothing");
        assertEquals(Message.ACCEPTED, put("account:1", 1));
        assertEquals(Message.ACCEPTED, put("marker:1", 0));
    }

    @Test
    void aLogOfAttemptsHasATenthOfItsRoom() {
        members().forEach(MemoryTest::isShort);
        assertEquals(Message.ACCEPTED, append("attempts:1", Limits.ATTEMPTS_RECORDS_SHORT_MAX));
        assertEquals(Message.FULL, append("attempts:1", 1));

        enough();
        assertEquals(Message.ACCEPTED, append("attempts:1", 1));
    }

    @Test
    void aMemberTellsOthersHowItStands() {
        HazelcastInstance full = grid.member(1);
        Context.memory(full).standsAt(new Memory.State(7, 5, true), idOf(full));
        assertTrue(toldBy(full).isMemoryShort());
        assertFalse(toldBy(grid.member(2)).isMemoryShort());

        Context.memory(full).standsAt(new Memory.State(4, 5, false), idOf(full));
        assertFalse(toldBy(full).isMemoryShort());
        assertTrue(Math.abs(toldBy(full).clock() - grid.now()) < 60_000);
    }

    private static SelfTestTask.Told toldBy(HazelcastInstance member) {
        var answer = grid.member(0).getExecutorService("hints").submitToMember(new SelfTestTask(), member.getCluster().getLocalMember());
        try {
            return SelfTestTask.Told.read(answer.get());
        } catch (InterruptedException | java.util.concurrent.ExecutionException failed) {
            throw new AssertionError(failed);
        }
    }
}
