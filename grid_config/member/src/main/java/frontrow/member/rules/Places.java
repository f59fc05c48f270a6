package frontrow.member.rules;

/**
 * The state of every place of an event: seats as one character each (api.md), areas as sets of slots. Every change of a
 * place counts the version up; counts are kept beside, never recounted.
 */
public final class Places {
    public static final byte FREE = '.';
    public static final byte HELD = 'h';
    public static final byte SOLD = 's';
    public static final byte CLOSED = 'x';

    private static final int STATES = 128;

    private final Layout layout;
    private final byte[] states;
    private final Order[] holders; // of a held or sold seat, while its order is kept in full
    private final int[] counts = new int[STATES];
    private final int[] freeInSegment;
    private final int[] freeInCategory;
    private final Areas areas;
    private final Ring ring;
    private Terms terms;
    private long version;

    Places(Layout layout, Terms terms, long version) {
        this.layout = layout;
        this.terms = terms;
        this.version = version;
        states = new byte[layout.seats()];
        holders = new Order[layout.seats()];
        freeInSegment = new int[layout.segments()];
        freeInCategory = new int[layout.categories()];
        areas = new Areas(layout);
        ring = new Ring(layout.seats(), version);
        for (int seat = 0; seat < states.length; seat++) {
            states[seat] = vacant(seat);
            count(seat, states[seat], 1);
        }
    }

    Areas areas() {
        return areas;
    }

    Ring ring() {
        return ring;
    }

    /** Seats in a state. */
    int count(byte state) {
        return counts[state];
    }

    int freeInSegment(int segment) {
        return freeInSegment[segment];
    }

    int freeInCategory(int category) {
        return freeInCategory[category];
    }

    /** Free places of an area; none while its category is not sold. */
    int freeInArea(int area) {
        return terms.sells(layout.areaCategory(area)) ? areas.free(area) : 0;
    }

    /** Grows by one with every change of a place. */
    public long version() {
        return version;
    }

    /** One character per seat in plan order; not to be written to. */
    byte[] states() {
        return states;
    }

    boolean isFreeSeat(int seat) {
        return states[seat] == FREE;
    }

    boolean isFree(int place) {
        if (!layout.contains(place)) {
            return false;
        }
        if (Areas.isSlot(place)) {
            return terms.sells(layout.categoryOfPlace(place)) && !areas.isTaken(place);
        }
        return states[place] == FREE;
    }

    Order holder(int seat) {
        return holders[seat];
    }

    /** Gives an order its places, or the state its status asks for. What is another's stays so (only a faulty restore asks). */
    void occupy(Order order) {
        byte state = order.status().placeState();
        for (int place : order.places()) {
            if (Areas.isSlot(place)) {
                takeSlot(place);
            } else if (layout.contains(place) && (holders[place] == order || holders[place] == null && states[place] != SOLD)) {
                holders[place] = order;
                set(place, state);
            }
        }
    }

    /** A confirmed order that is kept only as its places. */
    void occupy(Sold sold) {
        for (int place : sold.places()) {
            sell(place);
        }
    }

    /** Nobody's here, but somebody's in PostgreSQL: not for sale any more. */
    void sell(int place) {
        if (Areas.isSlot(place)) {
            takeSlot(place);
        } else if (layout.contains(place)) {
            holders[place] = null;
            set(place, SOLD);
        }
    }

    /** Lets an order's places go. */
    void vacate(Order order) {
        for (int place : order.places()) {
            if (Areas.isSlot(place)) {
                freeSlot(place);
            } else if (layout.contains(place) && holders[place] == order) {
                holders[place] = null;
                set(place, vacant(place));
            }
        }
    }

    void vacate(Sold sold) {
        for (int place : sold.places()) {
            if (Areas.isSlot(place)) {
                freeSlot(place);
            } else if (layout.contains(place) && holders[place] == null && states[place] == SOLD) {
                set(place, vacant(place));
            }
        }
    }

    /** The order is kept only as its places from now on. */
    void forgetHolder(Order order) {
        for (int place : order.places()) {
            if (!Areas.isSlot(place) && layout.contains(place) && holders[place] == order) {
                holders[place] = null;
            }
        }
    }

    /** Categories that are sold no more close their free seats, and the other way round. */
    void change(Terms changed) {
        terms = changed;
        for (int seat = 0; seat < states.length; seat++) {
            if (states[seat] == FREE || states[seat] == CLOSED) {
                set(seat, vacant(seat));
            }
        }
    }

    /** States and slots; who holds them comes with the orders ({@link #claim}). */
    void write(WireWriter out) {
        out.raw(states);
        areas.write(out);
    }

    void read(WireReader in) {
        byte[] read = in.raw(states.length);
        for (int seat = 0; seat < read.length; seat++) {
            if (read[seat] != FREE && read[seat] != HELD && read[seat] != SOLD && read[seat] != CLOSED) {
                throw new MalformedException("seat " + seat + " in state " + read[seat]);
            }
            count(seat, states[seat], -1);
            states[seat] = read[seat];
            count(seat, states[seat], 1);
        }
        areas.read(in);
    }

    /** After {@link #read}: the order is the holder of its seats that are still in its state. */
    void claim(Order order) {
        for (int place : order.places()) {
            if (!Areas.isSlot(place) && layout.contains(place) && states[place] == order.status().placeState()) {
                holders[place] = order;
            }
        }
    }

    private byte vacant(int seat) {
        return terms.sells(layout.category(seat)) ? FREE : CLOSED;
    }

    private void takeSlot(int place) {
        if (layout.contains(place) && areas.set(place, true)) {
            ring.record(++version, place);
        }
    }

    private void freeSlot(int place) {
        if (layout.contains(place) && areas.set(place, false)) {
            ring.record(++version, place);
        }
    }

    private void set(int seat, byte state) {
        byte before = states[seat];
        if (before == state) {
            return;
        }
        count(seat, before, -1);
        states[seat] = state;
        count(seat, state, 1);
        ring.record(++version, seat);
    }

    private void count(int seat, byte state, int change) {
        counts[state] += change;
        if (state == FREE) {
            freeInSegment[layout.segment(seat)] += change;
            freeInCategory[layout.category(seat)] += change;
        }
    }
}
