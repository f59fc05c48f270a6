package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class LifeTest {
    private final BoxOffice office = new BoxOffice();

    @Test
    void withoutAnEntryAllButRestoringAndStatusIsMissing() {
        assertEquals(Outcome.MISSING, office.ask(Commands.hold(1, 1, 0)).batch());
        assertEquals(Outcome.MISSING, office.ask(Commands.open(1)).batch());
        assertEquals(0, office.ask(Commands.status()).body().u8());
    }

    @Test
    void aRestoredEntryIsShutUntilItIsOpened() {
        Answer restored = office.ask(Commands.restore(new Hall().row(4).restoreBody(Hall.INCARNATION, 9, 5)));
        assertEquals(Outcome.ACCEPTED, restored.outcome());
        assertEquals(9, restored.seq);
        assertEquals(9, restored.durableSeq);
        assertEquals(Outcome.SHUT, office.ask(Commands.readSeats(0, 0)).batch());
        assertEquals(1, office.ask(Commands.status()).body().u8());

        assertEquals(Outcome.ACCEPTED, office.ask(Commands.open(Hall.INCARNATION)).outcome());
        assertEquals(Outcome.REPEATED, office.ask(Commands.open(Hall.INCARNATION)).outcome());
        assertEquals(Outcome.ACCEPTED, office.hold(1, 0));
        assertEquals(10, office.owner.seq());
    }

    @Test
    void restoringAShutEntryGoesOnWithTheOneThatIsThere() {
        office.ask(Commands.restore(new Hall().row(4).restoreBody(70, 9, 5)));

        Answer second = office.ask(Commands.restore(new Hall().row(4).restoreBody(71, 10, 6)));

        assertEquals(Outcome.REPEATED, second.outcome());
        assertEquals(70, second.incarnation);
        assertEquals(9, second.seq);
    }

    @Test
    void restoringAnOpenEntryIsRefused() {
        BoxOffice open = BoxOffice.of(new Hall().row(4));

        assertEquals(Outcome.OTHER_INCARNATION, open.ask(Commands.restore(new Hall().row(4).restoreBody(71, 0, 0))).outcome());
        assertEquals(Outcome.REPEATED, open.ask(Commands.restore(new Hall().row(4).restoreBody())).outcome());
    }

    @Test
    void onlyAShutEntryOfThatLifeIsDropped() {
        office.ask(Commands.restore(new Hall().row(4).restoreBody()));
        assertEquals(Outcome.OTHER_INCARNATION, office.ask(Commands.drop(1)).outcome());
        assertEquals(Outcome.ACCEPTED, office.ask(Commands.drop(Hall.INCARNATION)).outcome());
        assertNull(office.owner);
        assertNull(office.backup);

        BoxOffice open = BoxOffice.of(new Hall().row(4));
        assertEquals(Outcome.INVALID, open.ask(Commands.drop(Hall.INCARNATION)).outcome());
    }

    @Test
    void soldSeatsComeBackSoldAndLiveHoldsHeldForTheirRemainingTime() {
        BoxOffice before = BoxOffice.of(new Hall().row(10).area(1, 5));
        before.hold(1, 3, 4);
        before.pass(100_000);
        before.buy(2, 6);
        before.ask(Commands.holdAreas(3, 3, 0, 2));

        office.now = before.now;
        Hall hall = new Hall().row(10).area(1, 5).sold(9, 9, 0, Hall.slot(0, 3));
        hall.order(before.order(1)).order(before.order(2)).order(before.order(3));
        office.ask(Commands.restore(hall.restoreBody(78, 50, 6)));
        office.ask(Commands.open(78));

        assertEquals("s..hh.s...", office.states());
        assertEquals(2, office.owner.places().freeInArea(0));
        assertEquals(BoxOffice.START + 300_000, office.order(1).deadlineAt());
        assertEquals(2, office.owner.orders().placesOf(9));
        assertEquals(9 + Hall.PAYMENT, office.owner.orders().findSold(9).attempt());
        assertArrayEquals(new int[] {Hall.slot(0, 2)}, office.ask(Commands.holdAreas(4, 4, 0, 1)).order().places());
        office.pass(200_000);
        assertEquals(Outcome.ACCEPTED, office.hold(5, 3));
        assertEquals(Outcome.REPEATED, office.hold(1, 3, 4));
        assertEquals(Dump.of(office.owner), Dump.of(office.backup));
    }

    @Test
    void endedOrdersComeBackToBeRecognised() {
        BoxOffice before = BoxOffice.of(new Hall().row(10));
        before.hold(1, 3);
        before.ask(Commands.release(1, 1));
        office.ask(Commands.restore(new Hall().row(10).order(before.order(1)).restoreBody()));
        office.ask(Commands.open(Hall.INCARNATION));

        assertEquals(Outcome.REPEATED, office.hold(1, 3));
        assertEquals("..........", office.states());
    }

    /** Rows may be older than the plan: an order is told as it is, but holds and takes nothing that is not there. */
    @Test
    void anOrderWithPlacesThatThePlanNoLongerHasHarmsNobody() {
        BoxOffice before = BoxOffice.of(new Hall().row(10).area(0, 5));
        before.ask(Commands.hold(1, 1, 3, 9));
        before.ask(Commands.startPayment(1, 1, 11));
        before.ask(Commands.holdAreas(2, 2, 0, 5));
        office.ask(Commands.restore(new Hall().row(5).area(0, 2).order(before.order(1)).order(before.order(2)).restoreBody()));
        office.ask(Commands.open(Hall.INCARNATION));
        assertEquals("...h.", office.states());
        assertEquals(0, office.owner.places().freeInArea(0));

        office.pass(Hall.HOLD_MS);
        office.settle(1, 11, PaymentResult.UNANSWERED, 0);
        assertEquals(Outcome.ACCEPTED, office.settle(1, 11, PaymentResult.AUTHORISED, 2 * Hall.PRICE));

        assertEquals(Refund.PENDING, office.order(1).refund());
        assertEquals(".....", office.states());
        assertEquals(2, office.owner.places().freeInArea(0));
    }

    @Test
    void aBrokenRestoreIsInvalidAndMakesNothing() {
        byte[] body = new Hall().row(4).restoreBody();
        assertEquals(Outcome.INVALID, office.ask(Commands.restore(java.util.Arrays.copyOf(body, body.length - 1))).outcome());
        assertNull(office.owner);
    }

    @Test
    void statusTellsHowTheEntryStands() {
        BoxOffice open = BoxOffice.of(new Hall().row(10));
        open.hold(1, 0);
        open.ask(Commands.release(1, 1));
        open.hold(2, 0);

        WireReader body = open.ask(Commands.status()).body();

        assertEquals(2, body.u8());
        assertEquals(Hall.INCARNATION, body.i64());
        assertEquals(3, body.i64());
        assertEquals(0, body.i64());
        assertEquals(0, body.i64());
        assertEquals(3, body.i32());
        assertEquals(1, body.i32());
        assertEquals(1, body.i32());
    }

    // ---- terms ----------------------------------------------------------------------------------------------------------

    @Test
    void newTermsHoldForTheNextShopperAndArePartOfTheHistory() {
        BoxOffice open = BoxOffice.of(new Hall().row(4));
        open.hold(1, 0);

        assertEquals(Outcome.ACCEPTED, open.ask(Commands.terms(new Hall().row(4).prices(5).terms())).outcome());
        assertEquals(Outcome.REPEATED, open.ask(Commands.terms(new Hall().row(4).prices(5).terms())).outcome());

        assertEquals(2, open.owner.seq());
        assertEquals(Hall.PRICE, open.order(1).total());
        open.hold(2, 1);
        assertEquals(5, open.order(2).total());
        assertEquals(Dump.of(open.owner), Dump.of(open.backup));
    }

    @Test
    void aCategoryThatIsSoldNoMoreClosesItsFreeSeatsAndThoseThatComeBack() {
        BoxOffice open = BoxOffice.of(new Hall().row(4));
        open.hold(1, 0);
        open.ask(Commands.terms(new Hall().row(4).prices(Terms.NOT_SOLD).terms()));
        assertEquals("hxxx", open.states());
        open.ask(Commands.release(1, 1));
        assertEquals("xxxx", open.states());

        open.ask(Commands.terms(new Hall().row(4).terms()));
        assertEquals("....", open.states());
    }

    @Test
    void termsForAnotherPlanAreInvalid() {
        BoxOffice open = BoxOffice.of(new Hall().row(4));

        assertEquals(Outcome.INVALID, open.ask(Commands.terms(new Hall().row(4, 1).terms())).outcome());
    }

    // ---- plans ----------------------------------------------------------------------------------------------------------

    @Test
    void aLayoutComesBackAsItWas() {
        byte[] layout = new Hall().row(5).mixedRow(0, 1, 1).area(2, 9).layout();

        assertArrayEquals(layout, Layout.read(new WireReader(layout)).encode());
    }

    @Test
    void aLayoutWithAnUnknownCategoryIsMalformed() {
        byte[] layout = new Hall().row(2).layout();
        layout[6] = 1;

        assertThrows(MalformedException.class, () -> Layout.read(new WireReader(layout)));
    }
}
