package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PaymentTest {
    private static final long TOTAL = 2 * Hall.PRICE;

    private final BoxOffice office = BoxOffice.holdingTwoOfTen();

    // ---- starting -------------------------------------------------------------------------------------------------------

    @Test
    void startingToPayGivesFiveMinutesFromThen() {
        office.pass(200_000);
        Order order = office.ask(Commands.startPayment(1, 1, 11)).order();

        assertEquals(OrderStatus.PAYING, order.status());
        assertEquals(office.now + 300_000, order.deadlineAt());
        assertTrue(order.isOpenAttempt(11));
    }

    @Test
    void startingToPayAgainDoesNotMoveTheDeadlineASecondTime() {
        office.start(11);
        long deadline = office.order(1).deadlineAt();
        office.settle(1, 11, PaymentResult.CANCELLED, 0);
        office.pass(100_000);

        office.start(12);

        assertEquals(deadline, office.order(1).deadlineAt());
        assertEquals(OrderStatus.PAYING, office.status(1));
    }

    @Test
    void anAttemptThatWasNeverCreatedGivesTheExtensionBack() {
        office.pass(100_000);
        office.start(11);
        BoxOffice.must(office.settle(1, 11, PaymentResult.CREATE_FAILED, 0));

        assertEquals(OrderStatus.HELD, office.status(1));
        assertEquals(BoxOffice.START + 300_000, office.order(1).deadlineAt());
        office.start(12);
        assertEquals(office.now + 300_000, office.order(1).deadlineAt());
    }

    @Test
    void askingAgainGoesOnWithTheOpenAttempt() {
        office.start(11);

        Answer again = office.ask(Commands.startPayment(1, 1, 12));

        assertEquals(Outcome.REPEATED, again.outcome());
        assertEquals(11, again.order().attempt());
    }

    @Test
    void anotherProviderWaitsUntilTheOpenAttemptIsClosed() {
        office.start(11);

        Answer other = office.ask(Commands.startPayment(1, 1, 12, 1, "another"));
        assertEquals(Outcome.ATTEMPT_OPEN, other.outcome());
        assertEquals(11, other.order().attempt());

        office.settle(1, 11, PaymentResult.CANCELLED, 0);
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.startPayment(1, 1, 12, 1, "another")).outcome());
    }

    @Test
    void anExpiredOrderCannotBePaid() {
        office.pass(300_000);

        Answer answer = office.ask(Commands.startPayment(1, 1, 11));

        assertEquals(Outcome.NOT_PAYABLE, answer.outcome());
        assertEquals(OrderStatus.EXPIRED.code(), answer.body().u8());
    }

    @Test
    void aPaidOrderCannotBePaidAgain() {
        office.start(11);
        office.settle(1, 11, PaymentResult.CAPTURED, TOTAL);

        assertEquals(Outcome.NOT_PAYABLE, office.start(12));
    }

    @Test
    void otherPeoplesOrdersAreUnknown() {
        assertEquals(Outcome.UNKNOWN_ORDER, office.ask(Commands.startPayment(1, 2, 11)).outcome());
        assertEquals(Outcome.UNKNOWN_ORDER, office.ask(Commands.release(1, 2)).outcome());
        assertEquals(Outcome.UNKNOWN_ORDER, office.ask(Commands.readOrder(1, 2)).outcome());
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.readOrder(1, 0)).outcome());
    }

    // ---- money ----------------------------------------------------------------------------------------------------------

    @Test
    void theRightSumPaysTheOrderAndItsSeatsAreSold() {
        office.start(11);

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.PAID, office.status(1));
        assertEquals("...ss.....", office.states());
    }

    @Test
    void aRepeatedNotificationTellsTheSameSeq() {
        office.start(11);
        long seq = office.ask(Commands.settle(1, 11, PaymentResult.AUTHORISED, TOTAL)).order().seq();

        Answer again = office.ask(Commands.settle(1, 11, PaymentResult.CAPTURED, TOTAL));

        assertEquals(Outcome.REPEATED, again.outcome());
        assertEquals(seq, again.order().seq());
        assertEquals(seq, office.owner.seq());
    }

    @Test
    void aWrongSumGoesBackAndTheSeatsStayHeldUntilTheDeadline() {
        office.start(11);
        long deadline = office.order(1).deadlineAt();

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL - 1));

        Order order = office.order(1);
        assertEquals(OrderStatus.HELD, order.status());
        assertEquals(Refund.PENDING, order.refund());
        assertEquals(deadline, order.deadlineAt());
        assertFalse(order.isAttemptOpen());
        assertEquals(Outcome.REPEATED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL - 1));
    }

    @Test
    void moneyOnAClosedAttemptGoesBackOnce() {
        office.start(11);
        office.settle(1, 11, PaymentResult.CANCELLED, 0);
        office.start(12);

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(Outcome.REPEATED, office.settle(1, 11, PaymentResult.CAPTURED, TOTAL));
        assertEquals(OrderStatus.PAYING, office.status(1));
        assertEquals(Outcome.ACCEPTED, office.settle(1, 12, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.PAID, office.status(1));
    }

    @Test
    void aSecondPaymentOfAPaidOrderGoesBack() {
        office.start(11);
        office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL);

        assertEquals(Outcome.ACCEPTED, office.settle(1, 12, PaymentResult.CAPTURED, TOTAL));
        assertEquals(OrderStatus.PAID, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
    }

    @Test
    void moneyForAReleasedOrderGoesBackAlthoughItsSeatsAreFree() {
        office.start(11);
        office.ask(Commands.release(1, 1));

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.RELEASED, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
        assertEquals("..........", office.states());
    }

    @Test
    void moneyForADeclinedOrderGoesBack() {
        office.start(11);
        office.settle(1, 11, PaymentResult.DECLINED, 0);

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.DECLINED, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
    }

    @Test
    void moneyForAnOrderInNoRecordIsNotedForAHuman() {
        Answer answer = office.ask(Commands.settle(99, 11, PaymentResult.CAPTURED, 5));

        assertEquals(Outcome.ACCEPTED, answer.outcome());
        WireReader body = answer.body();
        assertEquals(0, body.i64());
        assertEquals(2, office.owner.seq());
        assertEquals(Outcome.UNKNOWN_ORDER, office.settle(99, 11, PaymentResult.DECLINED, 0));
    }

    // ---- no money -------------------------------------------------------------------------------------------------------

    @Test
    void aDeclineFreesTheSeatsAtOnce() {
        office.start(11);
        office.settle(1, 11, PaymentResult.DECLINED, 0);

        assertEquals(OrderStatus.DECLINED, office.status(1));
        assertEquals(Outcome.ACCEPTED, office.hold(2, 3));
    }

    @Test
    void aDeclineOfAClosedAttemptChangesNothing() {
        office.start(11);
        office.settle(1, 11, PaymentResult.CANCELLED, 0);
        office.start(12);

        assertEquals(Outcome.REPEATED, office.settle(1, 11, PaymentResult.DECLINED, 0));
        assertEquals(OrderStatus.PAYING, office.status(1));
    }

    @Test
    void aCaptureThatFailsForGoodDeclinesTheOrderAndFreesItsSeats() {
        office.start(11);
        office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL);
        office.makeDurable(1);
        assertEquals(OrderStatus.CONFIRMED, office.status(1));

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.CAPTURE_FAILED, 0));
        assertEquals(OrderStatus.DECLINED, office.status(1));
        assertEquals("..........", office.states());
    }
}
