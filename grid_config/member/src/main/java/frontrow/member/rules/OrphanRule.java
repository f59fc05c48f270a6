package frontrow.member.rules;

import java.util.Arrays;

/**
 * Which seats would be left single: free, between taken seats or the ends of their row, and not single before. Near the
 * end of a category's sale they are allowed ({@link #rests}), or its last seats could not be sold. It holds where the event's
 * {@link Terms#orphanRule} says so: {@link HoldRule} asks it for chosen seats, {@link BestAvailable} for the best ones.
 */
final class OrphanRule {
    private static final int PERCENT = 100;

    private OrphanRule() {
    }

    /** The seats left single if {@code chosen} were taken, ascending; none: an empty array. Slots of areas leave nobody single. */
    static int[] leftSingle(Layout layout, Places places, int[] chosen) {
        int[] singles = new int[2 * chosen.length];
        int count = 0;
        for (int seat : chosen) {
            if (Areas.isSlot(seat)) {
                continue;
            }
            int run = layout.run(seat);
            for (int neighbour = seat - 1; neighbour <= seat + 1; neighbour += 2) {
                if (isLeftSingle(layout, places, run, neighbour, chosen)) {
                    singles[count++] = neighbour;
                }
            }
        }
        return Arrays.stream(singles, 0, count).sorted().distinct().toArray();
    }

    /** Whether so few seats of a category are free that any may be taken. */
    static boolean rests(Layout layout, Places places, int category) {
        int free = places.freeInCategory(category);
        return free < Limits.ORPHAN_FREE_SEATS_MIN
                || free * PERCENT < Limits.ORPHAN_FREE_SHARE_PERCENT_MIN * layout.seatsOf(category);
    }

    /** A neighbour of a chosen seat was not single before: that seat was free beside it. */
    private static boolean isLeftSingle(Layout layout, Places places, int run, int seat, int[] chosen) {
        return isLeft(layout, places, run, seat, chosen)
                && !isLeft(layout, places, run, seat - 1, chosen)
                && !isLeft(layout, places, run, seat + 1, chosen)
                && !rests(layout, places, layout.category(seat));
    }

    private static boolean isLeft(Layout layout, Places places, int run, int seat, int[] chosen) {
        if (seat < layout.runStart(run) || seat >= layout.runEnd(run) || !places.isFreeSeat(seat)) {
            return false;
        }
        for (int taken : chosen) {
            if (taken == seat) {
                return false;
            }
        }
        return true;
    }
}
