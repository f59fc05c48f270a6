package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(10));

    @Test
    void aBatchOlderThanAMinuteIsRefusedUnread() {
        byte[] request = Commands.batch(office.now, Commands.hold(1, 1, 3));
        office.pass(60_001);

        assertEquals(Outcome.LATE, office.run(request).batch());
        assertEquals("..........", office.states());
        assertNull(office.message);
    }

    @Test
    void aBatchFromTheFutureIsRefusedTooAndAMinuteIsFine() {
        assertEquals(Outcome.LATE, office.run(Commands.batch(office.now + 60_001, Commands.expire())).batch());
        assertEquals(Outcome.ACCEPTED, office.run(Commands.batch(office.now - 60_000, Commands.expire())).batch());
    }

    @Test
    void anotherFormatOrRubbishIsNoBatch() {
        assertThrows(MalformedException.class, () -> Request.read(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        assertThrows(MalformedException.class, () -> Request.read(new byte[0]));
        assertThrows(MalformedException.class, () -> Request.read(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
    }

    @Test
    void aBatchHasABound() {
        byte[][] commands = new byte[257][];
        java.util.Arrays.fill(commands, Commands.expire());

        assertThrows(MalformedException.class, () -> Request.read(Commands.batch(office.now, commands)));
    }

    @Test
    void aMalformedCommandIsInvalidAndTheOthersGoOn() {
        byte[] cut = Commands.framed(Command.HOLD, new WireWriter(3).u8(1));
        byte[] unknown = Commands.framed(99, new WireWriter(0));
        byte[] tooLong = Commands.framed(Command.EXPIRE, new WireWriter(1).u8(1));

        Answer answer = office.ask(Commands.hold(1, 1, 3), cut, unknown, tooLong, Commands.hold(2, 2, 4));

        assertEquals(List.of(0, 2, 2, 2, 0), answer.outcomes);
        assertEquals("...hh.....", office.states());
    }

    @Test
    void theHeadTellsTheEntryAfterTheBatch() {
        Answer answer = office.ask(Commands.hold(1, 1, 3, 4), Commands.release(1, 1));

        assertEquals(Hall.INCARNATION, answer.incarnation);
        assertEquals(2, answer.seq);
        assertEquals(0, answer.durableSeq);
        assertEquals(office.owner.version(), answer.version);
        assertEquals(office.now, answer.now);
    }

    @Test
    void refusalsSendNothingAndWhatTellsStateSendsABarrier() {
        office.hold(1, 3);
        office.ask(Commands.hold(2, 2, 3), Commands.readOrder(7, 7), Commands.release(7, 7));
        assertNull(office.message);

        office.ask(Commands.hold(2, 2, 3), Commands.readOrder(1, 1));
        assertNotNull(office.message);
        office.ask(Commands.due(5));
        assertNotNull(office.message);
        office.ask(Commands.status());
        assertNotNull(office.message);
    }

    // ---- bounds ---------------------------------------------------------------------------------------------------------

    @Test
    void atTheBoundOfOrdersNewHoldsAreRefused() {
        office.bounds = new Bounds(2, 100, false);
        office.hold(1, 1);
        office.hold(2, 2);

        assertEquals(Outcome.FULL, office.hold(3, 3));
        assertEquals(Outcome.REPEATED, office.hold(2, 2));
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.startPayment(1, 1, 11)).outcome());
    }

    @Test
    void whileMemoryIsShortOrdersEndAndNoneBegins() {
        office.hold(1, 1);
        office.hold(2, 2);
        office.hold(3, 3);
        office.bounds = new Bounds(100, 100, true);

        assertEquals(Outcome.FULL, office.hold(4, 4));
        assertEquals(Outcome.SEAT_TAKEN, office.hold(4, 3));
        assertEquals(Outcome.REPEATED, office.hold(2, 2));
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.startPayment(1, 1, 11)).outcome());
        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, Hall.PRICE));
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.release(2, 2)).outcome());
        office.makeDurable();
        office.pass(Hall.HOLD_MS);
        office.ask(Commands.expire());
        assertEquals(OrderStatus.EXPIRED, office.status(3));

        office.bounds = Bounds.DEFAULT;
        assertEquals(Outcome.ACCEPTED, office.hold(4, 4));
    }

    @Test
    void anEntryThatIsThereOpensWhileMemoryIsShort() {
        BoxOffice shut = new BoxOffice();
        byte[] restore = Commands.restore(new Hall().row(4).restoreBody());
        shut.bounds = new Bounds(100, 100, true);
        assertEquals(Outcome.FULL, shut.ask(restore).outcome());
        assertNull(shut.message);

        shut.bounds = Bounds.DEFAULT;
        shut.ask(restore);
        shut.bounds = new Bounds(100, 100, true);
        assertEquals(Outcome.REPEATED, shut.ask(restore).outcome());
        assertEquals(Outcome.ACCEPTED, shut.ask(Commands.open(Hall.INCARNATION)).outcome());
    }

    @Test
    void atTheBoundOfTheOutboxOnlyWhatMustGoOnGoesOn() {
        office.bounds = new Bounds(100, 4, false);
        office.hold(1, 1);
        office.hold(2, 2);
        office.hold(3, 3);
        office.ask(Commands.startPayment(1, 1, 11));

        assertEquals(Outcome.FULL, office.hold(4, 4));
        assertEquals(Outcome.FULL, office.ask(Commands.startPayment(2, 2, 22)).outcome());
        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, Hall.PRICE));
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.release(2, 2)).outcome());

        office.makeDurable();
        assertEquals(Outcome.ACCEPTED, office.hold(4, 4));
    }

    @Test
    void atTwiceTheBoundEverythingWaitsForThePump() {
        office.bounds = new Bounds(100, 1, false);
        office.hold(1, 1);
        office.bounds = Bounds.DEFAULT;
        office.hold(2, 2);
        office.bounds = new Bounds(100, 1, false);

        assertEquals(Outcome.FULL, office.ask(Commands.release(1, 1)).outcome());
        assertEquals(Outcome.FULL, office.settle(1, 11, PaymentResult.AUTHORISED, Hall.PRICE));
        office.pass(Hall.HOLD_MS);
        office.ask(Commands.expire());
        assertEquals(OrderStatus.HELD, office.status(1));

        office.makeDurable();
        office.ask(Commands.expire());
        assertEquals(OrderStatus.EXPIRED, office.status(1));
        assertTrue(office.owner.isDirty());
    }
}
