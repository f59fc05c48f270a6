package frontrow.member.rules;

import java.util.BitSet;

/** Areas sold by count: which slots of each are taken. A slot is a place, so that it has its own ticket. */
final class Areas {
    private static final int SLOT_MASK = (1 << Limits.AREA_SLOT_BITS) - 1;

    private final Layout layout;
    private final BitSet[] taken;
    private final int[] takenCounts;

    Areas(Layout layout) {
        this.layout = layout;
        taken = new BitSet[layout.areas()];
        takenCounts = new int[taken.length];
        for (int area = 0; area < taken.length; area++) {
            taken[area] = new BitSet();
        }
    }

    static boolean isSlot(int place) {
        return place >= Limits.AREA_PLACE_FIRST;
    }

    static int area(int place) {
        return (place - Limits.AREA_PLACE_FIRST) >> Limits.AREA_SLOT_BITS;
    }

    static int slot(int place) {
        return place & SLOT_MASK;
    }

    static int place(int area, int slot) {
        return Limits.AREA_PLACE_FIRST | area << Limits.AREA_SLOT_BITS | slot;
    }

    boolean isTaken(int place) {
        return taken[area(place)].get(slot(place));
    }

    int free(int area) {
        return layout.areaCapacity(area) - takenCounts[area];
    }

    /** The lowest free slots of an area, as places, put into {@code places} from {@code from} on; there must be enough. */
    void lowestFree(int area, int quantity, int[] places, int from) {
        int slot = -1;
        for (int index = 0; index < quantity; index++) {
            slot = taken[area].nextClearBit(slot + 1);
            places[from + index] = place(area, slot);
        }
    }

    /** Answers whether it was the other way round before. */
    boolean set(int place, boolean take) {
        BitSet slots = taken[area(place)];
        int slot = slot(place);
        if (slots.get(slot) == take) {
            return false;
        }
        slots.set(slot, take);
        takenCounts[area(place)] += take ? 1 : -1;
        return true;
    }

    void write(WireWriter out) {
        for (BitSet slots : taken) {
            out.blob(slots.toByteArray());
        }
    }

    void read(WireReader in) {
        for (int area = 0; area < taken.length; area++) {
            taken[area] = BitSet.valueOf(in.blob());
            takenCounts[area] = taken[area].cardinality();
        }
    }
}
