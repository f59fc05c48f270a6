package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What becomes of a paying order at its deadline, and of money that comes after it. */
class LateMoneyTest {
    private static final long TOTAL = 2 * Hall.PRICE;

    private final BoxOffice office = BoxOffice.holdingTwoOfTen();

    @Test
    void atTheDeadlineThePumpLearnsOfTheOrderAndACancelledPaymentExpiresIt() {
        office.start(11);
        office.pass(299_999);
        assertEquals(0, office.ask(Commands.due(10)).body().u16());
        office.pass(1);

        WireReader due = office.ask(Commands.due(10)).body();
        assertEquals(1, due.u16());
        assertEquals(1, due.i64());
        assertEquals(1, due.i64());
        assertEquals(11, due.i64());

        BoxOffice.must(office.settle(1, 11, PaymentResult.CANCELLED, 0));
        assertEquals(OrderStatus.EXPIRED, office.status(1));
        assertEquals("..........", office.states());
    }

    @Test
    void moneyThatComesAtTheDeadlineStillPays() {
        office.start(11);
        office.pass(310_000);

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.PAID, office.status(1));
    }

    @Test
    void noAnswerAtTheDeadlineExpiresTheOrderButNotBefore() {
        office.start(11);
        assertEquals(Outcome.REPEATED, office.settle(1, 11, PaymentResult.UNANSWERED, 0));
        office.pass(300_000);
        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.UNANSWERED, 0));

        assertEquals(OrderStatus.EXPIRED, office.status(1));
        assertTrue(office.order(1).isOpenAttempt(11));
    }

    private void letItExpireUnanswered() {
        office.start(11);
        office.pass(300_000);
        BoxOffice.must(office.settle(1, 11, PaymentResult.UNANSWERED, 0));
    }

    @Test
    void lateMoneyTakesTheSameSeatsWhenTheyAreStillFree() {
        letItExpireUnanswered();

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.PAID, office.status(1));
        assertEquals("...ss.....", office.states());
    }

    @Test
    void lateMoneyGoesBackWhenOneOfTheSeatsIsTaken() {
        letItExpireUnanswered();
        office.hold(2, 4);

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.EXPIRED, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
        assertEquals(Outcome.REPEATED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
    }

    @Test
    void moneyGoesBackWhenItsPaymentWasCancelledBeforeTheOrderExpired() {
        office.start(11);
        office.pass(300_000);
        BoxOffice.must(office.settle(1, 11, PaymentResult.CANCELLED, 0));

        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL));
        assertEquals(OrderStatus.EXPIRED, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
        assertEquals("..........", office.states());
    }

    @Test
    void lateMoneyOfAWrongSumGoesBack() {
        letItExpireUnanswered();

        office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL - 1);

        assertEquals(OrderStatus.EXPIRED, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
    }

    @Test
    void lateMoneyGoesBackWhenTheEventHasStarted() {
        letItExpireUnanswered();
        office.pass(100_000_000);

        office.settle(1, 11, PaymentResult.AUTHORISED, TOTAL);

        assertEquals(OrderStatus.EXPIRED, office.status(1));
        assertEquals(Refund.PENDING, office.order(1).refund());
    }

    @Test
    void lateMoneyPassesLimitAndWindow() {
        BoxOffice limited = BoxOffice.of(new Hall().row(10).limit(2).closesAt(BoxOffice.START + 1_000));
        limited.hold(1, 3, 4);
        limited.ask(Commands.startPayment(1, 1, 11));
        limited.pass(300_000);
        limited.settle(1, 11, PaymentResult.UNANSWERED, 0);

        assertEquals(Outcome.ACCEPTED, limited.settle(1, 11, PaymentResult.CAPTURED, TOTAL));
        assertEquals(OrderStatus.PAID, limited.status(1));
    }
}
