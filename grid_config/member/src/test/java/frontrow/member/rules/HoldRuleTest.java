package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class HoldRuleTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(10).row(10, 1).area(1, 3).prices(350_000, 200_000));

    @Test
    void aFreeSeatIsHeldForTheShopperWhoAsksFirst() {
        Order order = office.ask(Commands.hold(1, 9, 3, 4)).order();

        assertEquals(OrderStatus.HELD, order.status());
        assertEquals(9, order.account());
        assertArrayEquals(new int[] {3, 4}, order.places());
        assertEquals(700_000, order.total());
        assertEquals(office.now + Hall.HOLD_MS, order.deadlineAt());
        assertEquals("...hh...............", office.states());
    }

    @Test
    void aHeldSeatIsRefusedToTheNextShopperByName() {
        office.hold(1, 3, 4);

        Answer answer = office.ask(Commands.hold(2, 2, 4, 5));

        assertEquals(Outcome.SEAT_TAKEN, answer.outcome());
        assertArrayEquals(new int[] {4}, answer.places());
    }

    @Test
    void oneTakenSeatOfTenHoldsNothing() {
        office.hold(1, 9);

        assertEquals(Outcome.SEAT_TAKEN, office.hold(2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        assertEquals(".........h..........", office.states());
    }

    @Test
    void aRefusalAsksNothingOfTheBackup() {
        office.hold(1, 3);
        office.hold(2, 3);

        assertNull(office.message);
    }

    @Test
    void twoShoppersInOneBatchGetTheSeatOnce() {
        Answer answer = office.ask(Commands.hold(1, 1, 3), Commands.hold(2, 2, 3));

        assertEquals(Outcome.ACCEPTED, answer.outcomeOf(0));
        assertEquals(Outcome.SEAT_TAKEN, answer.outcomeOf(1));
    }

    @Test
    void seatsThatThePlanDoesNotHaveAreInvalid() {
        assertEquals(Outcome.INVALID, office.hold(1, 20));
        assertEquals(Outcome.INVALID, office.hold(1, -1));
        assertEquals(Outcome.INVALID, office.hold(1, Hall.slot(0, 3)));
        assertEquals(Outcome.INVALID, office.hold(1, Hall.slot(1, 0)));
    }

    @Test
    void noSeatsDoubledSeatsAndElevenSeatsAreInvalid() {
        assertEquals(Outcome.INVALID, office.hold(1));
        assertEquals(Outcome.INVALID, office.hold(1, 3, 3));
        assertEquals(Outcome.INVALID, office.hold(1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    }

    @Test
    void anOrderNumberThatIsTakenIsInvalid() {
        office.hold(1, 3);

        assertEquals(Outcome.INVALID, office.ask(Commands.holdWithId(new Wide(4, 4), 4, 1, 1, 5)).outcome());
    }

    @Test
    void theSaleIsNotOpenBeforeItOpens() {
        BoxOffice early = BoxOffice.of(new Hall().row(4).opensAt(BoxOffice.START + 1));

        Answer answer = early.ask(Commands.hold(1, 1, 0));
        assertEquals(Outcome.SALE_NOT_OPEN, answer.outcome());
        assertEquals(BoxOffice.START + 1, answer.body().i64());

        early.pass(1);
        assertEquals(Outcome.ACCEPTED, early.hold(1, 0));
    }

    @Test
    void theSaleIsClosedFromItsCloseOn() {
        BoxOffice late = BoxOffice.of(new Hall().row(4).closesAt(BoxOffice.START));

        Answer answer = late.ask(Commands.hold(1, 1, 0));

        assertEquals(Outcome.SALE_CLOSED, answer.outcome());
        assertEquals(BoxOffice.START, answer.body().i64());
    }

    @Test
    void withoutACloseTheSaleEndsWhenTheEventStarts() {
        assertEquals(Outcome.SALE_CLOSED, BoxOffice.of(new Hall().row(4).startsAt(BoxOffice.START)).hold(1, 0));
    }

    @Test
    void anEventThatIsNotOnSaleSellsNothing() {
        assertEquals(Outcome.SALE_CLOSED, BoxOffice.of(new Hall().row(4).notOnSale()).hold(1, 0));
    }

    @Test
    void theLimitCountsOverAllOrdersOfACustomer() {
        BoxOffice limited = BoxOffice.of(new Hall().row(10).limit(3));
        limited.ask(Commands.hold(1, 9, 0, 1));

        Answer answer = limited.ask(Commands.hold(2, 9, 2, 3));
        assertEquals(Outcome.LIMIT_EXCEEDED, answer.outcome());
        WireReader body = answer.body();
        assertEquals(3, body.u16());
        assertEquals(2, body.u16());

        assertEquals(Outcome.ACCEPTED, limited.ask(Commands.hold(3, 9, 2)).outcome());
        assertEquals(Outcome.ACCEPTED, limited.ask(Commands.hold(4, 8, 3, 4, 5)).outcome());
    }

    @Test
    void releasedAndExpiredSeatsDoNotCountAgainstTheLimit() {
        BoxOffice limited = BoxOffice.of(new Hall().row(10).limit(2));
        limited.ask(Commands.hold(1, 9, 0, 1));
        limited.ask(Commands.release(1, 9));
        assertEquals(Outcome.ACCEPTED, limited.ask(Commands.hold(2, 9, 0, 1)).outcome());

        limited.pass(Hall.HOLD_MS);
        assertEquals(Outcome.ACCEPTED, limited.ask(Commands.hold(3, 9, 0, 1)).outcome());
    }

    @Test
    void boughtSeatsCountAgainstTheLimitAlsoAfterTheOrderHasShrunk() {
        BoxOffice limited = BoxOffice.of(new Hall().row(10).limit(2));
        limited.buy(1, 0, 1);
        limited.makeDurable(1);
        limited.pass(Limits.ORDER_RETENTION_MS);
        limited.hold(2, 5);
        limited.makeDurable();
        assertEquals(1, limited.owner.orders().soldCount());

        assertEquals(Outcome.LIMIT_EXCEEDED, limited.ask(Commands.hold(3, 1, 2)).outcome());
    }

    @Test
    void theWindowIsToldBeforeTheLimitAndTheLimitBeforeTheSeats() {
        BoxOffice closed = BoxOffice.of(new Hall().row(4).limit(1).closesAt(BoxOffice.START + 10));
        closed.hold(1, 0);
        assertEquals(Outcome.LIMIT_EXCEEDED, closed.ask(Commands.hold(2, 1, 0)).outcome());
        closed.pass(10);
        assertEquals(Outcome.SALE_CLOSED, closed.ask(Commands.hold(3, 1, 0)).outcome());
    }

    @Test
    void seatsOfACategoryWithoutAPriceAreClosed() {
        BoxOffice partly = BoxOffice.of(new Hall().row(2).row(2, 1).prices(100, Terms.NOT_SOLD));

        assertEquals("..xx", partly.states());
        assertEquals(Outcome.SEAT_TAKEN, partly.hold(1, 1, 2));
        assertEquals(Outcome.NOT_ENOUGH_SEATS, partly.ask(Commands.holdBest(1, 1, 1, 1)).outcome());
    }

    @Test
    void placesInAreasAreGivenLowestFirstAndByCount() {
        Order order = office.ask(Commands.holdAreas(1, 1, 0, 2)).order();
        assertArrayEquals(new int[] {Hall.slot(0, 0), Hall.slot(0, 1)}, order.places());
        assertEquals(400_000, order.total());

        assertEquals(Outcome.NOT_ENOUGH_SEATS, office.ask(Commands.holdAreas(2, 2, 0, 2)).outcome());
        office.ask(Commands.release(1, 1));
        assertArrayEquals(new int[] {Hall.slot(0, 0), Hall.slot(0, 1), Hall.slot(0, 2)},
                office.ask(Commands.holdAreas(3, 3, 0, 3)).order().places());
    }

    @Test
    void unknownDoubledAndEmptyAreasAreInvalid() {
        assertEquals(Outcome.INVALID, office.ask(Commands.holdAreas(1, 1, 1, 1)).outcome());
        assertEquals(Outcome.INVALID, office.ask(Commands.holdAreas(1, 1, 0, 1, 0, 1)).outcome());
        assertEquals(Outcome.INVALID, office.ask(Commands.holdAreas(1, 1, 0, 0)).outcome());
    }

    @Test
    void severalAreasAreHeldTogetherOrNotAtAll() {
        BoxOffice floor = BoxOffice.of(new Hall().area(0, 5).area(0, 1));

        assertEquals(Outcome.NOT_ENOUGH_SEATS, floor.ask(Commands.holdAreas(1, 1, 0, 2, 1, 2)).outcome());
        assertEquals(5, floor.owner.places().freeInArea(0));
        assertEquals(3, floor.ask(Commands.holdAreas(1, 1, 0, 2, 1, 1)).order().places().length);
    }

    @Test
    void anUnknownCategoryIsInvalidAndAnEmptyOneHasNotEnough() {
        assertEquals(Outcome.INVALID, office.ask(Commands.holdBest(1, 1, 2, 1)).outcome());
        assertEquals(Outcome.NOT_ENOUGH_SEATS, BoxOffice.of(new Hall().row(2).area(1, 2)).ask(Commands.holdBest(1, 1, 1, 1)).outcome());
    }
}
