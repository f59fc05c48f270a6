package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ReadSeatsTest {
    private static final int HEADER = 5;

    private final BoxOffice office = BoxOffice.of(large().area(1, 4).area(1, 9));

    private static Hall large() {
        Hall hall = new Hall();
        for (int row = 0; row < 20; row++) {
            hall.row(20);
        }
        return hall;
    }

    private Answer read(long version) {
        return office.ask(Commands.readSeats(Hall.INCARNATION, version));
    }

    private static int form(Answer answer) {
        return answer.body().u8();
    }

    @Test
    void whoKnowsNothingGetsASnapshotWithItsCounts() {
        office.hold(1, 3, 4);
        office.buy(2, 7);
        office.ask(Commands.holdAreas(3, 3, 1, 2));

        WireReader body = office.ask(Commands.readSeats(0, 0)).body();

        assertEquals(2, body.u8());
        assertEquals(397, body.i32());
        assertEquals(2, body.i32());
        assertEquals(1, body.i32());
        assertEquals(0, body.i32());
        assertEquals(2, body.u16());
        assertEquals(4, body.i32());
        assertEquals(7, body.i32());
        assertEquals("...hh..s............", new String(body.blob(), StandardCharsets.US_ASCII).substring(0, 20));
        assertEquals(0, body.remaining());
    }

    @Test
    void whoIsCurrentIsToldThatNothingChanged() {
        office.hold(1, 3);
        long version = read(0).version;

        assertEquals(0, form(read(version)));
    }

    @Test
    void whoIsALittleBehindGetsEachChangedSeatOnceWithItsLatestState() {
        long version = read(0).version;
        office.hold(1, 3, 4);
        office.hold(2, 7);
        office.ask(Commands.release(1, 1));

        WireReader body = read(version).body();
        assertEquals(1, body.u8());
        for (int skipped = 0; skipped < HEADER - 1; skipped++) {
            body.i32();
        }
        body.u16();
        body.i32();
        body.i32();
        assertEquals(3, body.i32());
        assertEquals(7, body.i32());
        assertEquals('h', body.u8());
        assertEquals(3, body.i32());
        assertEquals('.', body.u8());
        assertEquals(4, body.i32());
        assertEquals('.', body.u8());
    }

    @Test
    void aPlaceInAnAreaMovesTheVersionButIsNoSeat() {
        long version = read(0).version;
        office.ask(Commands.holdAreas(1, 1, 0, 1));

        Answer answer = read(version);

        assertEquals(version + 1, answer.version);
        assertEquals(1, form(answer));
    }

    @Test
    void versionsOfAnotherLifeSayNothing() {
        assertEquals(2, form(office.ask(Commands.readSeats(Hall.INCARNATION + 1, read(0).version))));
        assertEquals(2, form(read(read(0).version + 1)));
    }

    @Test
    void versionsOfARestoredEntryBeginAboveThoseOfItsFormerLife() {
        assertEquals(BoxOffice.START * Limits.VERSION_STEPS_PER_MS, read(0).version);
    }

    @Test
    void whoIsTooFarBehindGetsASnapshot() {
        long version = read(0).version;
        for (int order = 1; order <= 300; order++) {
            office.hold(order, order);
        }

        assertEquals(2, form(read(version)));
    }

    @Test
    void afterAMoveTheRingIsEmptyAndTheNextDeltaStartsThere() {
        long version = read(0).version;
        office.hold(1, 3);
        office.owner = InventoryCodec.decode(InventoryCodec.encode(office.owner));

        assertEquals(2, form(read(version)));
        long moved = read(0).version;
        office.hold(2, 4);
        assertEquals(1, form(read(moved)));
    }

    @Test
    void aReadIsABarrier() {
        read(0);

        assertNotNull(office.message);
    }

    /** A reader that follows deltas sees what a snapshot shows, whenever it asks. */
    @Property(tries = 100)
    void deltasAddUpToTheSnapshot(@ForAll @Size(max = 60) java.util.List<@IntRange(max = 99) Integer> moves) {
        byte[] known = office.owner.places().states().clone();
        long version = office.owner.version();
        long order = 1;
        for (int move : moves) {
            if (move % 5 == 0) {
                office.ask(Commands.release(order - 1, order - 1));
            } else {
                office.hold(order, move);
                order++;
            }
            if (move % 3 == 0) {
                Answer answer = read(version);
                version = answer.version;
                known = follow(known, answer);
                assertArrayEquals(office.owner.places().states(), known);
            }
        }
    }

    private static byte[] follow(byte[] known, Answer answer) {
        WireReader body = answer.body();
        int form = body.u8();
        body.raw(16);
        body.raw(4 * body.u16());
        if (form == 2) {
            return body.blob();
        }
        for (int left = form == 1 ? body.i32() : 0; left > 0; left--) {
            int seat = body.i32();
            known[seat] = (byte) body.u8();
        }
        assertTrue(body.remaining() == 0);
        return known;
    }
}
