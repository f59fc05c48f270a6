package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IndeterminateOperationStateException;
import com.hazelcast.map.IMap;
import frontrow.member.TestGrid;
import frontrow.member.rules.Answer;
import frontrow.member.rules.Batch;
import frontrow.member.rules.Bounds;
import frontrow.member.rules.Commands;
import frontrow.member.rules.Dump;
import frontrow.member.rules.Hall;
import frontrow.member.rules.Inventory;
import frontrow.member.rules.Limits;
import frontrow.member.rules.OrderStatus;
import frontrow.member.rules.Outcome;
import frontrow.member.rules.PaymentResult;
import frontrow.member.rules.Request;
import frontrow.member.rules.Tenure;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Inventories on real members: every test has an event of its own. */
class InventoryProcessorTest {
    private static final String MAP = "inventory";
    private static final AtomicLong EVENTS = new AtomicLong();
    private static TestGrid grid;

    private final long event = EVENTS.incrementAndGet();

    @BeforeAll
    static void start() {
        grid = TestGrid.of(2);
    }

    @AfterAll
    static void stop() {
        grid.close();
    }

    private static Answer ask(TestGrid where, long event, byte[]... commands) {
        IMap<Long, InventoryEntry> inventories = where.member(0).getMap(MAP);
        return new Answer(inventories.executeOnKey(event, new InventoryProcessor(Commands.batch(where.now(), commands))));
    }

    private Answer ask(byte[]... commands) {
        return ask(grid, event, commands);
    }

    private static void publish(TestGrid where, long event) {
        assertEquals(Outcome.ACCEPTED, ask(where, event, Commands.restore(new Hall().row(20).area(0, 50).restoreBody())).outcome());
        assertEquals(Outcome.ACCEPTED, ask(where, event, Commands.open(Hall.INCARNATION)).outcome());
    }

    private static Inventory copyAt(HazelcastInstance member, long event) {
        return InventoryEntry.inventoryOf((InventoryEntry) TestGrid.copyAt(member, MAP, event));
    }

    private static void assertCopiesEqual(TestGrid where, long event) {
        assertEquals(Dump.of(copyAt(where.ownerOf(event), event)), Dump.of(copyAt(where.backupOf(event), event)));
    }

    /** The owner does something of which the backup never hears. */
    private static void behindTheBackup(TestGrid where, long event, byte[] command) {
        Inventory owner = copyAt(where.ownerOf(event), event);
        Batch.run(event, owner, Request.read(Commands.batch(where.now(), command)), where.now(), Bounds.DEFAULT, new Tenure.Constellation(owner.tenure().table(), owner.tenure().owner()));
    }

    @Test
    void aHoldStandsOnOwnerAndBackup() {
        publish(grid, event);
        assertEquals(Outcome.ACCEPTED, ask(Commands.hold(1, 1, 3, 4), Commands.holdAreas(2, 2, 0, 3)).outcome());

        assertEquals(2, copyAt(grid.backupOf(event), event).seq());
        assertCopiesEqual(grid, event);
    }

    /** Bytes of the whole event at every call would be ten times slower. */
    @Test
    void callsChangeTheInventoryInPlaceOnBoth() {
        publish(grid, event);
        Inventory owned = copyAt(grid.ownerOf(event), event);
        Inventory backedUp = copyAt(grid.backupOf(event), event);
        ask(Commands.hold(1, 1, 3));
        ask(Commands.readSeats(0, 0));

        assertSame(owned, copyAt(grid.ownerOf(event), event));
        assertSame(backedUp, copyAt(grid.backupOf(event), event));
    }

    @Test
    void theWholeLifeOfAnOrderStandsOnBoth() {
        publish(grid, event);
        ask(Commands.hold(1, 1, 3, 4), Commands.startPayment(1, 1, 11));
        ask(Commands.settle(1, 11, PaymentResult.AUTHORISED, 2 * Hall.PRICE));
        ask(Commands.acknowledge(Hall.INCARNATION, 3, Commands.verdict(1, 1)));
        ask(Commands.drain(Hall.INCARNATION, 0, 0, 10));

        assertEquals(OrderStatus.CONFIRMED, ask(Commands.readOrder(1, 1)).order().status());
        assertCopiesEqual(grid, event);
    }

    @Test
    void aMissingEntryIsWantedOnce() {
        assertEquals(Outcome.MISSING, ask(Commands.hold(1, 1, 3)).batch());
        assertEquals(Outcome.ACCEPTED, ask(Commands.status()).outcome());

        Hints hints = Context.hints(grid.ownerOf(event));
        assertTrue(hints.takeWantedEvents(1_000).contains(event));
        assertFalse(hints.takeWantedEvents(1_000).contains(event));
    }

    @Test
    void aDroppedEntryIsGoneFromBoth() {
        ask(Commands.restore(new Hall().row(4).restoreBody()));
        assertNotNull(copyAt(grid.backupOf(event), event));
        ask(Commands.drop(Hall.INCARNATION));

        assertNull(copyAt(grid.ownerOf(event), event));
        assertNull(copyAt(grid.backupOf(event), event));
    }

    @Test
    void anEntryThatHasLeftIsGoneFromBothAndARepeatWakesNobody() {
        try (TestGrid late = TestGrid.of(2)) {
            byte[] over = new Hall().row(20).startsAt(late.now() - Limits.INVENTORY_STAY_MS).restoreBody();
            ask(late, event, Commands.restore(over));
            ask(late, event, Commands.open(Hall.INCARNATION));
            byte[] leave = Commands.leave(Hall.INCARNATION, 0, 0);
            assertEquals(Outcome.STILL_NEEDED, ask(late, event, leave).outcome());
            assertNotNull(copyAt(late.backupOf(event), event));

            late.moveClock(Limits.ORDER_RETENTION_MS);

            assertEquals(Outcome.ACCEPTED, ask(late, event, leave).outcome());
            assertNull(copyAt(late.ownerOf(event), event));
            assertNull(copyAt(late.backupOf(event), event));
            assertEquals(Outcome.REPEATED, ask(late, event, leave).outcome());
            assertEquals(List.of(), Context.hints(late.ownerOf(event)).takeWantedEvents(10));
        }
    }

    @Test
    void dirtyAndDueEntriesAreHinted() {
        publish(grid, event);
        Hints hints = Context.hints(grid.ownerOf(event));
        assertFalse(hints.dirtyEvents(1_000, key -> true).contains(event));
        ask(Commands.hold(1, 1, 3));
        assertTrue(hints.dirtyEvents(1_000, key -> true).contains(event));
        assertFalse(hints.dueEvents(grid.now(), 1_000, key -> true).contains(event));
        assertTrue(hints.dueEvents(grid.now() + Hall.HOLD_MS, 1_000, key -> true).contains(event));

        ask(Commands.release(1, 1), Commands.acknowledge(Hall.INCARNATION, 2));
        assertFalse(hints.dirtyEvents(1_000, key -> true).contains(event));
        assertFalse(hints.dueEvents(Long.MAX_VALUE - 1, 1_000, key -> true).contains(event));
    }

    @Test
    void anEmptyBatchMakesTheOwnerNoteItsHintsAgain() {
        publish(grid, event);
        ask(Commands.hold(1, 1, 3));
        Hints hints = Context.hints(grid.ownerOf(event));
        hints.forget(event);

        grid.member(0).<Long, InventoryEntry>getMap(MAP).executeOnEntries(new InventoryProcessor(Commands.batch(0)));

        assertTrue(hints.dirtyEvents(1_000, key -> true).contains(event));
    }

    @Test
    void anotherFormatIsUnsupported() {
        IMap<Long, InventoryEntry> inventories = grid.member(0).getMap(MAP);
        assertEquals(Outcome.UNSUPPORTED, new Answer(inventories.executeOnKey(event, new InventoryProcessor(new byte[] {9}))).batch());
    }

    @Test
    void afterALostMessageNothingIsConfirmedUntilTheCopyIsMadeAnew() {
        publish(grid, event);
        behindTheBackup(grid, event, Commands.hold(1, 1, 3));

        assertThrows(IndeterminateOperationStateException.class, () -> ask(Commands.hold(2, 2, 4)));

        grid.waitUntil(() -> copyAt(grid.backupOf(event), event).seq() == 2);
        assertCopiesEqual(grid, event);
        assertEquals(Outcome.REPEATED, ask(Commands.hold(2, 2, 4)).outcome());
    }

    @Test
    void aRepeatOfALostHoldIsNotToldBeforeTheBackupHasIt() {
        publish(grid, event);
        behindTheBackup(grid, event, Commands.hold(1, 1, 3));

        assertThrows(IndeterminateOperationStateException.class, () -> ask(Commands.hold(1, 1, 3)));
        grid.waitUntil(() -> copyAt(grid.backupOf(event), event).seq() == 1);
        assertEquals(Outcome.REPEATED, ask(Commands.hold(1, 1, 3)).outcome());
    }

    @Test
    void whatWasToldSurvivesItsOwnersDeath() {
        try (TestGrid mortal = TestGrid.of(3)) {
            for (long number = 100; number < 120; number++) {
                publish(mortal, number);
                assertEquals(Outcome.ACCEPTED, ask(mortal, number, Commands.hold(1, 1, 3, 4)).outcome());
            }
            HazelcastInstance dead = mortal.ownerOf(100L);
            List<String> before = Dump.of(copyAt(dead, 100));
            mortal.kill(dead);
            mortal.waitUntil(() -> ask(mortal, 100, Commands.status()).batch() == Outcome.ACCEPTED);

            assertEquals(before, Dump.of(copyAt(mortal.ownerOf(100L), 100)));
            assertTrue(Context.hints(mortal.ownerOf(100L)).dirtyEvents(1_000, key -> true).contains(100L));
            for (long number = 100; number < 120; number++) {
                long asked = number;
                mortal.waitUntil(() -> ask(mortal, asked, Commands.status()).batch() == Outcome.ACCEPTED);
                assertEquals(Outcome.SEAT_TAKEN, ask(mortal, asked, Commands.hold(2, 2, 4)).outcome());
                assertEquals(Outcome.REPEATED, ask(mortal, asked, Commands.hold(1, 1, 3, 4)).outcome());
                assertCopiesEqual(mortal, asked);
            }
        }
    }

    /** What tenures stand on: Hazelcast counts a line of its table up whenever a backup becomes the owner. */
    @Test
    void aPromotedBackupActsUnderALaterTable() {
        try (TestGrid mortal = TestGrid.of(3)) {
            publish(mortal, event);
            Tenure before = copyAt(mortal.ownerOf(event), event).tenure();
            mortal.kill(mortal.ownerOf(event));
            mortal.waitUntil(() -> ask(mortal, event, Commands.status()).batch() == Outcome.ACCEPTED);

            Tenure after = copyAt(mortal.ownerOf(event), event).tenure();
            assertEquals(before.era(), after.era());
            assertTrue(after.table() > before.table());
        }
    }

    @Test
    void anEntryThatMovesTakesItsOutboxAlong() {
        try (TestGrid growing = TestGrid.of(2)) {
            for (long number = 200; number < 230; number++) {
                publish(growing, number);
                ask(growing, number, Commands.hold(1, 1, 3, 4), Commands.hold(2, 2, 5));
            }
            growing.add();
            growing.waitUntil(() -> growing.member(0).getPartitionService().isClusterSafe()
                    && growing.member(2).getPartitionService().isClusterSafe());
            for (long number = 200; number < 230; number++) {
                Answer drained = ask(growing, number, Commands.drain(Hall.INCARNATION, 0, 0, 10));
                var body = drained.body();
                assertEquals(0, body.i64());
                assertEquals(2, body.i64());
            }
        }
    }

    @Test
    void aMemberAloneHoldsNothing() {
        try (TestGrid mortal = TestGrid.of(2)) {
            publish(mortal, 300);
            mortal.kill(mortal.member(1));

            assertEquals(Outcome.UNAVAILABLE, ask(mortal, 300, Commands.hold(1, 1, 3)).batch());
            assertEquals(Outcome.UNAVAILABLE, ask(mortal, 300, Commands.readSeats(0, 0)).batch());
        }
    }
}
