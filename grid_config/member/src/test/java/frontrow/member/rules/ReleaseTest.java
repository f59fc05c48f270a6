package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** A shopper lets an order go. */
class ReleaseTest {
    private static final long TOTAL = 2 * Hall.PRICE;

    private final BoxOffice office = BoxOffice.holdingTwoOfTen();

    @Test
    void aReleasedSeatCanBeHeldByTheNextShopper() {
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.release(1, 1)).outcome());

        assertEquals(Outcome.ACCEPTED, office.hold(2, 3, 4));
    }

    @Test
    void releasingWhilePayingTellsTheWriterWhichPaymentToCancel() {
        office.start(11);
        office.ask(Commands.release(1, 1));

        byte[] record = office.owner.outbox().recordAt(office.owner.seq());
        Change.Ended released = (Change.Ended) Change.decode(record, 1);
        assertEquals(11, released.openAttempt());
        assertEquals("sandbox", released.provider());
    }

    @Test
    void releasingTwiceLeavesItReleased() {
        office.ask(Commands.release(1, 1));
        Answer again = office.ask(Commands.release(1, 1));

        assertEquals(Outcome.REPEATED, again.outcome());
        assertEquals(OrderStatus.RELEASED, again.order().status());
        assertEquals(2, office.owner.seq());
    }

    @Test
    void aPaidOrderIsNotReleased() {
        office.start(11);
        office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL);

        Answer answer = office.ask(Commands.release(1, 1));

        assertEquals(Outcome.NOT_RELEASABLE, answer.outcome());
        assertEquals(OrderStatus.PAID.code(), answer.body().u8());
    }
}
