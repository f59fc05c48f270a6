package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OrphanRuleTest {
    /** A row of twenty: enough free seats for the rule not to rest. */
    private final BoxOffice office = BoxOffice.of(new Hall().row(20).orphanRule());

    @Test
    void aSeatLeftSingleAtTheEndOfTheRowIsNamed() {
        Answer answer = office.ask(Commands.hold(1, 1, 1, 2));

        assertEquals(Outcome.ORPHAN_SEATS, answer.outcome());
        assertArrayEquals(new int[] {0}, answer.places());
    }

    @Test
    void aSeatLeftSingleBetweenTakenOnesIsNamed() {
        office.hold(1, 0, 1, 2, 3);

        Answer answer = office.ask(Commands.hold(2, 2, 5, 6));

        assertArrayEquals(new int[] {4}, answer.places());
    }

    @Test
    void twoSeatsLeftTogetherAreFine() {
        assertEquals(Outcome.ACCEPTED, office.hold(1, 2, 3));
    }

    @Test
    void aSeatBetweenTwoChosenOnesIsLeftSingle() {
        assertArrayEquals(new int[] {3}, office.ask(Commands.hold(1, 1, 2, 4)).places());
    }

    @Test
    void aSeatThatWasSingleBeforeMayStaySo() {
        BoxOffice old = BoxOffice.of(new Hall().row(20).orphanRule().sold(50, 50, 0, 2));

        assertEquals(Outcome.ACCEPTED, old.hold(1, 3, 4));
    }

    @Test
    void takingTheSingleSeatItselfIsFine() {
        BoxOffice old = BoxOffice.of(new Hall().row(20).orphanRule().sold(50, 50, 0, 2));

        assertEquals(Outcome.ACCEPTED, old.hold(1, 1));
    }

    @Test
    void seatsOfTheNextRowAreNoNeighbours() {
        BoxOffice rows = BoxOffice.of(new Hall().row(2).row(18).orphanRule());

        assertEquals(Outcome.ACCEPTED, rows.hold(1, 0, 1));
        assertEquals(Outcome.ACCEPTED, rows.hold(2, 2, 3));
    }

    @Test
    void withoutTheRuleSinglesMayBeLeft() {
        assertEquals(Outcome.ACCEPTED, BoxOffice.of(new Hall().row(20)).hold(1, 1, 2));
    }

    @Test
    void withFewerThanTenFreeSeatsTheRuleRests() {
        office.hold(1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertEquals(Outcome.ORPHAN_SEATS, office.hold(2, 11));
        office.hold(3, 10);

        assertEquals(Outcome.ACCEPTED, office.hold(4, 12));
    }

    @Test
    void withUnderFivePercentFreeTheRuleRests() {
        Hall hall = new Hall().orphanRule();
        for (int row = 0; row < 30; row++) {
            hall.row(10);
        }
        BoxOffice large = BoxOffice.of(hall);
        for (int row = 0; row < 28; row++) {
            int first = 10 * row;
            large.hold(row + 1, first, first + 1, first + 2, first + 3, first + 4, first + 5, first + 6, first + 7, first + 8, first + 9);
        }
        large.hold(50, 280, 281, 282, 283, 284);
        assertEquals(Outcome.ORPHAN_SEATS, large.hold(51, 291));
        large.hold(52, 285);

        assertEquals(Outcome.ACCEPTED, large.hold(53, 291));
    }
}
