package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;

class RepeatTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(10));

    @Test
    void theSameCommandAgainGivesTheSameOrderBack() {
        Order first = office.ask(Commands.hold(1, 9, 3)).order();

        Answer again = office.ask(Commands.holdWithId(Commands.commandId(1), 1, 555, 9, 3));

        assertEquals(Outcome.REPEATED, again.outcome());
        assertEquals(first.number(), again.order().number());
        assertEquals(1, office.owner.seq());
    }

    @Test
    void aRepeatIsToldOnlyWhenTheBackupHasConfirmed() {
        office.hold(1, 3);
        office.hold(1, 3);

        assertNotNull(office.message);
    }

    @Test
    void theSameKeyForAnotherRequestIsRefused() {
        office.hold(1, 3);

        assertEquals(Outcome.KEY_REUSED, office.ask(Commands.holdWithId(Commands.commandId(1), 2, 2, 1, 4)).outcome());
        assertEquals(Outcome.KEY_REUSED, office.ask(Commands.holdWithId(Commands.commandId(1), 1, 2, 8, 3)).outcome());
    }

    @Test
    void aRepeatIsAnsweredAlsoAfterTheSaleHasClosed() {
        BoxOffice closing = BoxOffice.of(new Hall().row(4).closesAt(BoxOffice.START + 1));
        closing.hold(1, 0);
        closing.pass(1);

        assertEquals(Outcome.REPEATED, closing.hold(1, 0));
    }

    @Test
    void aRefusedCommandIsNotRememberedAndMaySucceedLater() {
        office.hold(1, 3);
        assertEquals(Outcome.SEAT_TAKEN, office.hold(2, 3));
        office.ask(Commands.release(1, 1));

        assertEquals(Outcome.ACCEPTED, office.hold(2, 3));
    }

    @Test
    void aRepeatAfterTheEndTellsTheEnd() {
        office.hold(1, 3);
        office.ask(Commands.release(1, 1));

        Answer again = office.ask(Commands.hold(1, 1, 3));

        assertEquals(Outcome.REPEATED, again.outcome());
        assertEquals(OrderStatus.RELEASED, again.order().status());
    }

    @Test
    void aCommandWithoutAnIdIsInvalid() {
        assertEquals(Outcome.INVALID, office.ask(Commands.holdWithId(Wide.ZERO, 1, 1, 1, 3)).outcome());
    }
}
