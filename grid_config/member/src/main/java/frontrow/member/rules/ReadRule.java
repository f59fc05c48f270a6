package frontrow.member.rules;

/** What shoppers and units may see of an inventory. */
final class ReadRule {
    private static final int UNCHANGED = 0;
    private static final int DELTA = 1;
    private static final int SNAPSHOT = 2;
    private static final int DELTA_BYTES_PER_SEAT = 5;

    private ReadRule() {
    }

    static Decision seats(Inventory inventory, Command.ReadSeats read) {
        return Decision.accept(null, (out, after) -> writeSeats(after, read, out));
    }

    static Decision order(Inventory inventory, Command.ReadOrder read) {
        Order order = inventory.orders().find(read.order());
        if (order != null && isFor(order.account(), read)) {
            return Decision.tell(Outcome.ACCEPTED, order);
        }
        Sold sold = inventory.orders().findSold(read.order());
        if (sold != null && isFor(sold.account(), read)) {
            return Decision.tell(Outcome.ACCEPTED, sold);
        }
        return Decision.refuse(Outcome.UNKNOWN_ORDER);
    }

    /** {@code u8 form | u32 free | u32 held | u32 sold | u32 closed | u16 areas × i32 free | …} */
    private static void writeSeats(Inventory inventory, Command.ReadSeats read, WireWriter out) {
        Places places = inventory.places();
        int form = form(inventory, read);
        out.u8(form).i32(places.count(Places.FREE)).i32(places.count(Places.HELD)).i32(places.count(Places.SOLD))
                .i32(places.count(Places.CLOSED)).u16(inventory.layout().areas());
        for (int area = 0; area < inventory.layout().areas(); area++) {
            out.i32(places.freeInArea(area));
        }
        if (form == DELTA) {
            places.ring().writeSince(read.version(), places.version(), places.states(), out);
        } else if (form == SNAPSHOT) {
            out.blob(places.states());
        }
    }

    /** A delta only where it is known whole and smaller than the snapshot. Versions of another life say nothing here. */
    private static int form(Inventory inventory, Command.ReadSeats read) {
        Places places = inventory.places();
        long behind = places.version() - read.version();
        if (read.incarnation() != inventory.incarnation() || behind < 0) {
            return SNAPSHOT;
        }
        if (behind == 0) {
            return UNCHANGED;
        }
        boolean smaller = behind * DELTA_BYTES_PER_SEAT <= Math.max(places.states().length, Limits.RING_CHANGES_MIN);
        return smaller && places.ring().reaches(read.version()) ? DELTA : SNAPSHOT;
    }

    private static boolean isFor(long account, Command.ReadOrder read) {
        return read.account() == 0 || read.account() == account;
    }
}
