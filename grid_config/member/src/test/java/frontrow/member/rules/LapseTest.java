package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LapseTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(10));

    @Test
    void aHoldStandsUntilItsLastMillisecond() {
        office.hold(1, 3);
        office.pass(299_999);

        assertEquals(Outcome.SEAT_TAKEN, office.hold(2, 3));
        assertEquals(OrderStatus.HELD, office.status(1));
    }

    @Test
    void afterThreeHundredSecondsTheSeatIsTheNextShoppers() {
        office.hold(1, 3);
        office.pass(300_000);

        assertEquals(Outcome.ACCEPTED, office.hold(2, 3));
        assertEquals(OrderStatus.EXPIRED, office.status(1));
    }

    @Test
    void aReadAfterTheDeadlineShowsTheSeatFree() {
        office.hold(1, 3);
        office.pass(300_000);
        office.ask(Commands.readSeats(0, 0));

        assertEquals("..........", office.states());
    }

    @Test
    void theSweepTellsHowManyLapsed() {
        office.ask(Commands.hold(1, 1, 1), Commands.hold(2, 2, 2));
        office.pass(100);
        office.hold(3, 3);
        office.pass(299_900);

        assertEquals(2, office.ask(Commands.expire()).body().i32());
        assertEquals(0, office.ask(Commands.expire()).body().i32());
        assertEquals("...h......", office.states());
    }

    @Test
    void anOrderBeingPaidDoesNotLapseByItself() {
        office.hold(1, 3);
        office.ask(Commands.startPayment(1, 1, 11));
        office.pass(10_000_000);
        office.ask(Commands.expire());

        assertEquals(OrderStatus.PAYING, office.status(1));
    }

    @Test
    void oneBatchLapsesABoundedNumberAndAHoldInTheWayGoesAllTheSame() {
        Hall hall = new Hall();
        for (int row = 0; row < 30; row++) {
            hall.row(100);
        }
        BoxOffice large = BoxOffice.of(hall);
        for (int order = 1; order <= 2_500; order++) {
            large.hold(order, order);
            large.pass(1);
        }
        large.pass(Hall.HOLD_MS);

        // The last hold in time is beyond the sweep of this batch, but stands in the way of the shopper.
        assertEquals(Outcome.ACCEPTED, large.hold(9_999, 2_500));
        assertEquals(499, large.owner.orders().held().size() - 1);
        assertEquals(499, large.ask(Commands.expire()).body().i32());
    }

    @Test
    void timeNeverGoesBackWithinAnEntry() {
        office.pass(1_000);
        office.hold(1, 3);
        office.pass(-500);

        Answer answer = office.ask(Commands.hold(2, 2, 4));

        assertEquals(BoxOffice.START + 1_000, answer.now);
        assertEquals(BoxOffice.START + 1_000 + Hall.HOLD_MS, answer.order().deadlineAt());
    }

    @Test
    void theNextDeadlineIsKnownForTheHint() {
        assertEquals(Long.MAX_VALUE, office.owner.nextDueAt());
        office.hold(1, 3);
        office.pass(10);
        office.hold(2, 4);
        assertEquals(BoxOffice.START + 300_000, office.owner.nextDueAt());

        office.ask(Commands.release(1, 1));
        assertEquals(BoxOffice.START + 300_010, office.owner.nextDueAt());

        office.ask(Commands.startPayment(2, 2, 22));
        assertEquals(BoxOffice.START + 300_010, office.owner.nextDueAt());
    }

    @Test
    void aTestsClockIsAConstructorArgument() {
        long[] nanos = {5_000_000};
        Clock clock = new Clock(1_000, () -> nanos[0]);
        assertEquals(1_000, clock.getAsLong());
        nanos[0] += 300_000_000_000L;
        assertEquals(301_000, clock.getAsLong());
    }
}
