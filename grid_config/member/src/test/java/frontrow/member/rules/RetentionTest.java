package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class RetentionTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(10));

    @Test
    void anEndedOrderIsStillKnownForFifteenMinutes() {
        office.hold(1, 3);
        office.ask(Commands.release(1, 1));
        office.makeDurable();
        office.pass(Limits.ORDER_RETENTION_MS - 1);
        office.hold(2, 4);

        assertEquals(Outcome.REPEATED, office.hold(1, 3));
    }

    @Test
    void afterFifteenMinutesItIsForgottenWithItsCommand() {
        office.hold(1, 3);
        office.ask(Commands.release(1, 1));
        office.makeDurable();
        office.pass(Limits.ORDER_RETENTION_MS);
        office.hold(2, 4);

        assertEquals(Outcome.UNKNOWN_ORDER, office.ask(Commands.readOrder(1, 1)).outcome());
        assertNull(office.owner.orders().byCommand(Commands.commandId(1)));
    }

    @Test
    void whatPostgresHasNotGotIsNotForgotten() {
        office.hold(1, 3);
        office.ask(Commands.release(1, 1));
        office.pass(10 * Limits.ORDER_RETENTION_MS);
        office.hold(2, 4);

        assertNotNull(office.owner.orders().find(1));
        office.makeDurable();
        assertNull(office.owner.orders().find(1));
    }

    @Test
    void aConfirmedOrderShrinksToItsPlaces() {
        office.buy(1, 3, 4);
        office.makeDurable(1);
        office.pass(Limits.ORDER_RETENTION_MS);
        office.hold(2, 5);

        assertEquals(0, office.owner.orders().byCommand(Commands.commandId(1)) == null ? 0 : 1);
        Order sold = office.ask(Commands.readOrder(1, 1)).order();
        assertEquals(OrderStatus.CONFIRMED, sold.status());
        assertArrayEquals(new int[] {3, 4}, sold.places());
        assertEquals("...ssh....", office.states());
    }

    private void sellAndShrink() {
        office.buy(1, 3, 4);
        office.makeDurable(1);
        office.pass(Limits.ORDER_RETENTION_MS);
        office.hold(2, 5);
        assertEquals(1, office.owner.orders().soldCount());
    }

    @Test
    void aRepeatedNotificationForASoldOrderIsARepeat() {
        sellAndShrink();

        assertEquals(Outcome.REPEATED, office.settle(1, BoxOffice.attempt(1), PaymentResult.CAPTURED, 700_000));
        assertEquals(Outcome.NOT_RELEASABLE, office.ask(Commands.release(1, 1)).outcome());
        assertEquals(Outcome.NOT_PAYABLE, office.ask(Commands.startPayment(1, 1, 5)).outcome());
    }

    @Test
    void otherMoneyForASoldOrderIsNotSwallowed() {
        sellAndShrink();

        assertEquals(Outcome.ACCEPTED, office.settle(1, 4711, PaymentResult.CAPTURED, 700_000));
        Change last = Change.decode(office.owner.outbox().recordAt(office.owner.seq()), 1);
        assertEquals(Change.PAYMENT_UNMATCHED, last.kind());
    }

    @Test
    void aCaptureThatFailsAfterTheOrderHasShrunkStillFreesItsSeats() {
        sellAndShrink();

        assertEquals(Outcome.ACCEPTED, office.settle(1, BoxOffice.attempt(1), PaymentResult.CAPTURE_FAILED, 0));
        assertEquals(OrderStatus.DECLINED, office.status(1));
        assertEquals(".....h....", office.states());
        assertEquals(0, office.owner.orders().placesOf(1));
    }

    @Test
    void aMillionLapsedHoldsLeaveNoTrace() {
        BoxOffice busy = BoxOffice.of(new Hall().row(100));
        busy.loseMessages = true;
        long order = 1;
        for (int round = 0; round < 10_000; round++) {
            byte[][] commands = new byte[100][];
            for (int seat = 0; seat < 100; seat++) {
                commands[seat] = Commands.hold(order, order++, seat);
            }
            busy.ask(commands);
            busy.makeDurable();
            busy.pass(Hall.HOLD_MS);
        }
        busy.ask(Commands.expire());
        busy.makeDurable();
        busy.pass(Limits.ORDER_RETENTION_MS);
        busy.hold(order, 0);
        busy.makeDurable();

        assertEquals(1_000_001, order);
        assertEquals(1, busy.owner.orders().size());
        assertEquals(0, busy.owner.outbox().size());
        assertEquals(Outcome.ACCEPTED, busy.ask(Commands.status()).outcome());
    }
}
