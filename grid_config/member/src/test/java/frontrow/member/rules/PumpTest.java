package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PumpTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(20));

    private record Drained(long from, long to, long changeId, long durable, List<Change> changes) {
        static Drained of(Answer answer) {
            WireReader in = answer.body();
            long from = in.i64();
            long to = in.i64();
            long changeId = in.i64();
            long durable = in.i64();
            List<Change> changes = new ArrayList<>();
            for (int left = in.i32(); left > 0; left--) {
                changes.add(Change.decode(in.blob(), 1));
            }
            in.end();
            return new Drained(from, to, changeId, durable, changes);
        }
    }

    private Answer drain(long seq, long changeId, int most) {
        return office.ask(Commands.drain(Hall.INCARNATION, seq, changeId, most));
    }

    private Answer acknowledge(long seq, byte[]... verdicts) {
        return office.ask(Commands.acknowledge(Hall.INCARNATION, seq, verdicts));
    }

    @Test
    void changesComeInOrderFromThePosition() {
        office.hold(1, 3);
        office.ask(Commands.release(1, 1));
        office.hold(2, 4);

        Drained drained = Drained.of(drain(0, 0, 2));

        assertEquals(0, drained.from());
        assertEquals(2, drained.to());
        assertEquals(List.of(Change.HELD, Change.RELEASED), drained.changes().stream().map(Change::kind).toList());
        assertEquals(List.of(1L, 2L), drained.changes().stream().map(change -> change.head().seq()).toList());
    }

    @Test
    void untilAcknowledgedTheSameChangesComeAgain() {
        office.hold(1, 3);

        assertEquals(Drained.of(drain(0, 0, 9)).changeId(), Drained.of(drain(0, 0, 9)).changeId());
        assertNotNull(office.message);
    }

    @Test
    void afterTheAcknowledgementTheNextPositionGoesOn() {
        office.hold(1, 3);
        Drained first = Drained.of(drain(0, 0, 9));
        assertEquals(Outcome.ACCEPTED, acknowledge(first.to()).outcome());
        assertFalse(office.owner.isDirty());
        office.hold(2, 4);

        Drained second = Drained.of(drain(first.to(), first.changeId(), 9));

        assertEquals(1, second.changes().size());
        assertEquals(1, second.durable());
    }

    @Test
    void aPositionBeforeWhatWasTrimmedIsTold() {
        office.hold(1, 3);
        acknowledge(1);

        assertEquals(Outcome.TRIMMED, drain(0, 0, 9).outcome());
    }

    @Test
    void theWholeStateIsToldOpenOrShutBehindABarrierAndTouchesNothing() {
        office.hold(1, 3);
        acknowledge(1);
        office.hold(2, 4);
        long seq = office.owner.seq();
        var before = Dump.of(office.owner);

        Answer open = office.ask(Commands.whole());
        boolean barrier = office.message != null;
        office.owner.setOpen(false);
        office.backup.setOpen(false);
        Answer shut = office.ask(Commands.whole());

        assertEquals(Outcome.ACCEPTED, open.outcome());
        assertTrue(barrier);
        assertEquals(Outcome.ACCEPTED, shut.outcome());
        office.owner.setOpen(true);
        assertEquals(seq, office.owner.seq());
        assertEquals(before, Dump.of(office.owner));
        WireReader in = open.body();
        assertEquals(List.of(2L, office.owner.outbox().idAt(2), 1L), List.of(in.i64(), in.i64(), in.i64()));
        assertEquals(2, in.i32());
    }

    @Test
    void aPositionAheadOfTheAcknowledgementAsksForTheVerdictsBetween() {
        office.hold(1, 3);
        Drained drained = Drained.of(drain(0, 0, 9));

        Answer answer = drain(drained.to(), drained.changeId(), 9);

        assertEquals(Outcome.BEHIND, answer.outcome());
        assertEquals(0, answer.body().i64());
    }

    @Test
    void anotherHistoryShutsTheEntry() {
        office.hold(1, 3);

        assertEquals(Outcome.DIVERGED, drain(1, 4711, 9).outcome());
        assertEquals(Outcome.SHUT, office.ask(Commands.hold(2, 2, 5)).batch());
        assertEquals(Dump.of(office.owner), Dump.of(office.backup));
    }

    @Test
    void aPositionBeyondTheEntryIsAnotherHistoryToo() {
        assertEquals(Outcome.DIVERGED, drain(1, 0, 9).outcome());
    }

    @Test
    void aDivergedEntryStillGivesItsRemainingChangesAndIsThenDropped() {
        office.hold(1, 3);
        drain(0, 4711, 9);

        assertEquals(1, Drained.of(drain(0, 0, 9)).changes().size());
        assertEquals(Outcome.DIVERGED, office.ask(Commands.open(Hall.INCARNATION)).outcome());
        assertEquals(Outcome.DIVERGED, office.ask(Commands.restore(new Hall().row(1).restoreBody())).outcome());
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.drop(Hall.INCARNATION)).outcome());
        assertEquals(Outcome.MISSING, office.ask(Commands.readSeats(0, 0)).batch());
    }

    @Test
    void anotherLifeIsToldByItsNumber() {
        Answer answer = office.ask(Commands.drain(Hall.INCARNATION + 1, 0, 0, 9));
        assertEquals(Outcome.OTHER_INCARNATION, answer.outcome());
        assertEquals(Hall.INCARNATION, answer.body().i64());
        assertEquals(Outcome.OTHER_INCARNATION, office.ask(Commands.acknowledge(Hall.INCARNATION + 1, 0)).outcome());
    }

    @Test
    void twoHistoriesThatPartHaveOtherIdsForEver() {
        BoxOffice other = BoxOffice.of(new Hall().row(20));
        office.hold(1, 3);
        other.hold(1, 4);
        office.hold(2, 5);
        other.hold(2, 5);

        assertTrue(office.owner.outbox().idAt(1) != other.owner.outbox().idAt(1));
        assertTrue(office.owner.outbox().idAt(2) != other.owner.outbox().idAt(2));
    }

    // ---- verdicts -------------------------------------------------------------------------------------------------------

    @Test
    void aPaidOrderIsConfirmedByItsVerdict() {
        office.buy(1, 3, 4);
        assertEquals(Outcome.ACCEPTED, acknowledge(office.owner.seq(), Commands.verdict(1, 1)).outcome());

        assertEquals(OrderStatus.CONFIRMED, office.status(1));
        assertEquals("...ss", office.states().substring(0, 5));
    }

    @Test
    void withoutItsVerdictAPaidOrderWaits() {
        office.buy(1, 3, 4);
        acknowledge(office.owner.seq());

        assertEquals(OrderStatus.PAID, office.status(1));
    }

    @Test
    void refusedTicketsDeclineTheOrderAndLockOnlyTheConflictingPlaces() {
        office.buy(1, 3, 4);
        acknowledge(office.owner.seq(), Commands.verdict(1, 2, 4));

        assertEquals(OrderStatus.DECLINED, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
        assertEquals("....s", office.states().substring(0, 5));
        assertEquals(0, office.owner.orders().placesOf(1));
    }

    @Test
    void onlyAPaidOrderIsRefused() {
        office.buy(1, 3, 4);
        acknowledge(office.owner.seq(), Commands.verdict(1, 1));
        acknowledge(office.owner.seq(), Commands.verdict(1, 2, 4));

        assertEquals(OrderStatus.CONFIRMED, office.status(1));
        assertEquals("...ss", office.states().substring(0, 5));
    }

    @Test
    void aRefundEndsOneWayOrTheOther() {
        office.buy(1, 3, 4);
        acknowledge(office.owner.seq(), Commands.verdict(1, 2, 4));
        acknowledge(office.owner.seq(), Commands.verdict(1, 4));
        assertEquals(Refund.FAILED, office.order(1).refund());
        acknowledge(office.owner.seq(), Commands.verdict(1, 3));
        assertEquals(Refund.DONE, office.order(1).refund());
    }

    @Test
    void anAcknowledgementMayComeAgainOrLate() {
        office.buy(1, 3, 4);
        long seq = office.owner.seq();
        acknowledge(seq, Commands.verdict(1, 1));
        office.hold(2, 5);
        acknowledge(seq - 1, Commands.verdict(1, 1), Commands.verdict(99, 1), Commands.verdict(1, 5));

        assertEquals(seq, office.owner.durableSeq());
        assertEquals(OrderStatus.CONFIRMED, office.status(1));
        assertEquals(Dump.of(office.owner), Dump.of(office.backup));
    }

    @Test
    void anAcknowledgementOfWhatNeverWasShutsTheEntry() {
        assertEquals(Outcome.DIVERGED, acknowledge(1).outcome());
        assertFalse(office.owner.isOpen());
    }

    @Test
    void aVerdictFreesNothingThatSomebodyElseHolds() {
        office.buy(1, 3);
        long seq = office.owner.seq();
        acknowledge(seq, Commands.verdict(1, 2));
        office.hold(2, 3);
        acknowledge(seq, Commands.verdict(1, 2));

        assertEquals("...h", office.states().substring(0, 4));
    }
}
