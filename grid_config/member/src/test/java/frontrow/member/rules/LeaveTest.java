package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An inventory leaves the grid when its event is long over and PostgreSQL has all of it; never with anything left to do. */
class LeaveTest {
    private static final long STARTS_AT = BoxOffice.START + 3_600_000;
    private static final long LONG_OVER = STARTS_AT + Limits.INVENTORY_STAY_MS;

    private BoxOffice office;

    @BeforeEach
    void sellAndGetOver() {
        office = BoxOffice.of(new Hall().row(10).startsAt(STARTS_AT));
        office.buy(1, 0, 1);
        office.hold(2, 2);
        office.ask(Commands.release(2, 2));
        office.makeDurable(1);
        office.now = LONG_OVER;
    }

    @Test
    void aDayAfterItsEventItLeavesOwnerAndBackup() {
        assertEquals(Outcome.ACCEPTED, leave());

        assertNull(office.owner);
        assertNull(office.backup);
        assertEquals(Outcome.MISSING, office.ask(Commands.readSeats(0, 0)).batch());
    }

    @Test
    void notAMillisecondBefore() {
        office.now = LONG_OVER - 1;

        assertEquals(Outcome.STILL_NEEDED, leave());
        assertNotNull(office.owner);
    }

    @Test
    void anEventThatWasPutOffStays() {
        office.now = BoxOffice.START + 1_000_000;
        office.ask(Commands.terms(new Hall().row(10).startsAt(STARTS_AT + 1).terms()));
        office.makeDurable();
        office.now = LONG_OVER;

        assertEquals(Outcome.STILL_NEEDED, leave());
        office.pass(1);
        assertEquals(Outcome.ACCEPTED, leave());
    }

    @Test
    void oneWithoutAStartNeverLeaves() {
        office = BoxOffice.of(new Hall().row(10).startsAt(0));
        office.now = LONG_OVER * 2;

        assertEquals(Outcome.STILL_NEEDED, leave());
    }

    @Test
    void whatPostgresqlHasNotGotKeepsIt() {
        office.settle(9, 11, PaymentResult.CAPTURED, 5);
        office.pass(Limits.ORDER_RETENTION_MS);
        assertEquals(Outcome.STILL_NEEDED, leave());

        office.makeDurable();
        assertEquals(Outcome.ACCEPTED, leave());
    }

    @Test
    void anotherHistoryAtItsPositionKeepsIt() {
        long seq = office.owner.seq();
        long id = office.owner.outbox().idAt(seq);

        assertEquals(Outcome.STILL_NEEDED, office.ask(Commands.leave(Hall.INCARNATION, seq, id + 1)).outcome());
        assertEquals(Outcome.STILL_NEEDED, office.ask(Commands.leave(Hall.INCARNATION, seq - 1, id)).outcome());
        assertEquals(Outcome.STILL_NEEDED, office.ask(Commands.leave(Hall.INCARNATION, seq + 1, id)).outcome());
        assertEquals(Outcome.OTHER_INCARNATION, office.ask(Commands.leave(Hall.INCARNATION + 1, seq, id)).outcome());
        assertNotNull(office.owner);
    }

    /** Set aside for a human, or refused by nobody yet: PostgreSQL's rows would not bring it back as it is. */
    @Test
    void anOrderThatWaitsForItsTicketsKeepsIt() {
        office.now = BoxOffice.START + 600_000;
        office.buy(3, 5);
        office.makeDurable();
        office.now = LONG_OVER;

        assertEquals(OrderStatus.PAID, office.status(3));
        assertEquals(Outcome.STILL_NEEDED, leave());
        office.makeDurable(3);
        assertEquals(Outcome.ACCEPTED, leave());
    }

    @Test
    void aPaymentWithoutAnAnswerKeepsIt() {
        office.now = BoxOffice.START + 600_000;
        office.hold(3, 5);
        office.ask(Commands.startPayment(3, 3, 11));
        office.makeDurable();
        office.now = LONG_OVER;

        assertEquals(Outcome.STILL_NEEDED, leave());
        office.settle(3, 11, PaymentResult.UNANSWERED, 0);
        office.makeDurable();
        office.pass(Limits.ORDER_RETENTION_MS);
        assertEquals(Outcome.ACCEPTED, leave());
    }

    @Test
    void aHoldThatIsDueLapsesInsteadAndKeepsIt() {
        office.now = BoxOffice.START + 600_000;
        office.hold(3, 5);
        office.makeDurable();
        office.now = LONG_OVER;

        assertEquals(Outcome.STILL_NEEDED, leave());
        assertEquals(OrderStatus.EXPIRED, office.status(3));
    }

    @Test
    void whoWasBroughtBackStaysForTheTimeThatEndedOrdersHave() {
        long seq = office.owner.seq();
        leave();
        office.ask(Commands.restore(new Hall().row(10).startsAt(STARTS_AT).sold(1, 1, 0, 1).restoreBody(78, seq, 6)));
        office.ask(Commands.open(78));

        assertEquals(Outcome.REPEATED, office.settle(1, 1 + Hall.PAYMENT, PaymentResult.CAPTURED, 2 * Hall.PRICE));
        office.pass(Limits.ORDER_RETENTION_MS - 1);
        assertEquals(Outcome.STILL_NEEDED, leave());
        office.pass(1);
        assertEquals(Outcome.ACCEPTED, leave());
    }

    @Test
    void aShutEntryIsTheReadersToBringBack() {
        office = new BoxOffice();
        office.ask(Commands.restore(new Hall().row(10).startsAt(STARTS_AT).restoreBody()));
        office.now = LONG_OVER + Limits.ORDER_RETENTION_MS;

        assertEquals(Outcome.SHUT, office.ask(Commands.leave(Hall.INCARNATION, 0, 0)).batch());
    }

    @Test
    void askingAgainIsRightAndWakesNobody() {
        byte[] leave = Commands.batch(office.now, position());
        office.run(leave);

        Batch.Result again = Batch.run(BoxOffice.EVENT, office.owner, Request.read(leave), office.now, office.bounds, office.constellation);

        assertEquals(Outcome.REPEATED, new Answer(again.answer()).outcome());
        assertFalse(again.wanted());
        assertFalse(again.changed());
        assertNull(BackupMessage.apply(null, again.backup()));
    }

    /** A repeat is told only when the backup has let it go, too: else its copy could come back as the owner. */
    @Test
    void nobodyIsToldBeforeTheBackupHasLetItGo() {
        office.loseMessages = true;
        byte[] leave = Commands.batch(office.now, position());
        office.run(leave);
        assertNull(office.owner);

        byte[] barrier = Batch.run(BoxOffice.EVENT, null, Request.read(leave), office.now, office.bounds, office.constellation).backup();

        assertThrows(BaseMismatchException.class, () -> BackupMessage.apply(office.backup, barrier));
    }

    private Outcome leave() {
        return office.ask(position()).outcome();
    }

    /** The position that PostgreSQL has, once everything is durable. */
    private byte[] position() {
        long seq = office.owner.durableSeq();
        return Commands.leave(office.owner.incarnation(), seq, office.owner.outbox().idAt(seq));
    }
}
