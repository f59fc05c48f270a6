package frontrow.member.rules;

import com.carrotsearch.hppc.IntHashSet;

/**
 * The latest changes of places, by version, for readers who know an older version. Not part of the value that migrates:
 * after a move it begins empty and readers get one snapshot.
 */
final class Ring {
    private static final int SEATS_PER_CHANGE = 4;

    private final int[] places;
    private long forgotten; // the latest version whose successors are all here

    Ring(int seats, long version) {
        places = new int[Math.min(Limits.RING_CHANGES_MAX, Math.max(Limits.RING_CHANGES_MIN, seats / SEATS_PER_CHANGE))];
        forgotten = version;
    }

    void record(long version, int place) {
        places[index(version)] = place;
        forgotten = Math.max(forgotten, version - places.length);
    }

    /** Whether all changes after a version are still here. */
    boolean reaches(long version) {
        return version >= forgotten;
    }

    /**
     * Writes {@code u32 n | n×(i32 place, u8 state)} for what changed in {@code (known, version]}: each seat once, with its
     * present state, in the order of its latest change. Slots of areas are counts elsewhere and are left out.
     */
    void writeSince(long known, long version, byte[] states, WireWriter out) {
        int[] latest = new int[(int) (version - known)];
        IntHashSet seen = new IntHashSet(latest.length);
        int count = 0;
        for (long at = version; at > known; at--) {
            int place = places[index(at)];
            if (!Areas.isSlot(place) && seen.add(place)) {
                latest[count++] = place;
            }
        }
        out.i32(count);
        while (count > 0) {
            int place = latest[--count];
            out.i32(place).u8(states[place]);
        }
    }

    int capacity() {
        return places.length;
    }

    private int index(long version) {
        return (int) (version % places.length);
    }
}
