package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which of two copies is the later one: the tenure of the owner that acted last. */
class TenureTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(10));

    private void anotherOwnerActs() {
        office.constellation = new Tenure.Constellation(office.constellation.table() + 1, office.constellation.owner() + 1);
    }

    @Test
    void aRestoredEntryBeginsAnEra() {
        assertEquals(new Tenure(BoxOffice.START, 1, 1), office.owner.tenure());
        assertEquals(office.owner.tenure(), office.backup.tenure());
    }

    @Test
    void whileTheSameOwnerActsItsTenureLasts() {
        office.pass(5_000);
        office.hold(1, 3);

        assertEquals(new Tenure(BoxOffice.START, 1, 1), office.owner.tenure());
    }

    @Test
    void anotherOwnerBeginsALaterOneBeforeItTellsAnything() {
        anotherOwnerActs();
        office.ask(Commands.readSeats(0, 0));

        assertEquals(new Tenure(BoxOffice.START, 2, 2), office.owner.tenure());
        assertEquals(Dump.of(office.owner), Dump.of(office.backup));
    }

    /** Of two clusters that were apart each has counted its own versions. */
    @Test
    void whoLeadsOnUnderATableThatIsNotLaterBeginsAnEra() {
        Tenure tenure = new Tenure(100, 7, 1);

        assertEquals(new Tenure(100, 8, 2), tenure.led(new Tenure.Constellation(8, 2), 999));
        assertEquals(new Tenure(101, 7, 2), tenure.led(new Tenure.Constellation(7, 2), 999));
        assertEquals(new Tenure(101, 3, 1), tenure.led(new Tenure.Constellation(3, 1), 999));
        assertSame(tenure, tenure.led(new Tenure.Constellation(7, 1), 999));
    }

    /** One that is cut off may act last of all, for the first time under its table; nobody confirms it. */
    @Test
    void whoeverIsPromotedHasTheLaterTenureHoweverLateTheOtherActs() {
        Tenure before = new Tenure(100, 7, 1);
        Tenure promoted = before.led(new Tenure.Constellation(9, 2), 5_000);
        Tenure cutOff = before.led(new Tenure.Constellation(8, 1), 9_000);

        assertTrue(promoted.era() == cutOff.era() && promoted.table() > cutOff.table());
    }

    /** A batch of refusals is answered without the backup, but not by an owner that nobody has confirmed. */
    @Test
    void evenARefusalWaitsForTheBackupThen() {
        office.hold(1, 3);
        office.hold(2, 3);
        assertNull(office.message);
        anotherOwnerActs();
        office.hold(2, 3);

        assertNotNull(office.message);
    }

    @Test
    void aBackupThatMissedTheBeginningOfATenureConfirmsNothingOfIt() {
        anotherOwnerActs();
        office.loseMessages = true;
        office.ask(Commands.readSeats(0, 0));
        office.ask(Commands.readSeats(0, 0));

        assertThrows(BaseMismatchException.class, () -> BackupMessage.apply(office.backup, office.message));
    }

    @Test
    void aRestoreIsNotConfirmedByACopyUnderALaterOwner() {
        BoxOffice restored = new BoxOffice();
        restored.ask(Commands.restore(new Hall().row(10).restoreBody()));
        byte[] message = restored.message;
        restored.constellation = new Tenure.Constellation(2, 2);
        restored.ask(Commands.status());

        assertThrows(BaseMismatchException.class, () -> BackupMessage.apply(restored.backup, message));
    }

    @Test
    void aTenureTravelsWithItsCopy() {
        anotherOwnerActs();
        office.hold(1, 3);

        assertEquals(office.owner.tenure(), InventoryCodec.decode(InventoryCodec.encode(office.owner)).tenure());
    }
}
