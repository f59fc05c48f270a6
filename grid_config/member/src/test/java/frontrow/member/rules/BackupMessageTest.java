package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BackupMessageTest {
    private final BoxOffice office = BoxOffice.of(new Hall().row(10));

    private void assertRefused(byte[] message) {
        var before = Dump.of(office.backup);
        assertThrows(BaseMismatchException.class, () -> BackupMessage.apply(office.backup, message));
        assertEquals(before, Dump.of(office.backup));
    }

    @Test
    void theBackupIsWhatTheOwnerIs() {
        office.hold(1, 3);
        office.buy(2, 5, 6);
        office.makeDurable(2);
        office.ask(Commands.release(1, 1));

        assertEquals(Dump.of(office.owner), Dump.of(office.backup));
    }

    @Test
    void aMessageAppliedTwiceIsRefused() {
        office.hold(1, 3);

        assertRefused(office.message);
    }

    @Test
    void afterALostHoldTheNextOneIsRefused() {
        office.loseMessages = true;
        office.hold(1, 3);
        office.hold(2, 4);

        assertRefused(office.message);
    }

    @Test
    void afterALostHoldEvenARepeatIsNotTold() {
        office.loseMessages = true;
        office.hold(1, 3);
        office.hold(1, 3);

        assertRefused(office.message);
    }

    @Test
    void afterALostAcknowledgementTheNextHoldIsRefusedAlthoughItsSeqFits() {
        office.buy(1, 3);
        office.loseMessages = true;
        office.ask(Commands.acknowledge(Hall.INCARNATION, office.owner.seq(), Commands.verdict(1, 2)));
        office.hold(2, 3);

        assertRefused(office.message);
    }

    @Test
    void aMessageOfAnotherLifeIsRefused() {
        BoxOffice other = new BoxOffice();
        other.ask(Commands.restore(new Hall().row(10).restoreBody(99, 0, 0)));
        other.ask(Commands.open(99));

        assertRefused(other.message);
    }

    @Test
    void aBackupWithoutTheEntryRefusesAHoldAndABarrier() {
        office.hold(1, 3);
        office.backup = null;
        assertRefused(office.message);
        office.loseMessages = true;
        office.ask(Commands.readSeats(0, 0));
        assertRefused(office.message);
    }

    @Test
    void aRestoreIsConfirmedByACopyThatAResynchronisationHasBrought() {
        BoxOffice restored = new BoxOffice();
        restored.loseMessages = true;
        restored.ask(Commands.restore(new Hall().row(10).restoreBody()));
        Inventory copy = InventoryCodec.decode(InventoryCodec.encode(restored.owner));

        assertEquals(copy, BackupMessage.apply(copy, restored.message));
    }

    @Test
    void aRestoreIsNotConfirmedByACopyThatHasGoneOn() {
        BoxOffice restored = new BoxOffice();
        restored.ask(Commands.restore(new Hall().row(10).restoreBody()));
        byte[] message = restored.message;
        restored.ask(Commands.open(Hall.INCARNATION));
        restored.hold(1, 3);

        assertThrows(BaseMismatchException.class, () -> BackupMessage.apply(restored.backup, message));
    }

    @Test
    void dropAndRestoreInOneBatchReachTheBackupTogether() {
        BoxOffice shut = new BoxOffice();
        shut.ask(Commands.restore(new Hall().row(10).restoreBody()));
        shut.ask(Commands.drop(Hall.INCARNATION), Commands.restore(new Hall().row(5).restoreBody(99, 3, 3)));

        assertEquals(Dump.of(shut.owner), Dump.of(shut.backup));
        assertEquals(99, shut.backup.incarnation());
    }

    @Test
    void aBrokenMessageTouchesNothing() {
        office.hold(1, 3);
        byte[] message = office.message;
        office.backup = null;
        assertThrows(MalformedException.class, () -> BackupMessage.apply(null, java.util.Arrays.copyOf(message, 20)));
    }
}
