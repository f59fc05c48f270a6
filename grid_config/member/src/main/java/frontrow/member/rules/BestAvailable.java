package frontrow.member.rules;

import java.util.Arrays;

/**
 * The best free seats of a category: neighbours that leave nobody single, nearest to the stage; else any neighbours; else
 * as few pieces as possible, nearest. Equally good ones: the lowest place.
 *
 * <p>Under the orphan rule nothing is chosen that leaves a seat single, save near sell-out.
 */
final class BestAvailable {
    private final Layout layout;
    private final Places places;
    private final int category;
    private final int quantity;
    private final boolean strict; // the orphan rule forbids what leaves a seat single

    private BestAvailable(Layout layout, Places places, int category, int quantity, boolean strict) {
        this.layout = layout;
        this.places = places;
        this.category = category;
        this.quantity = quantity;
        this.strict = strict;
    }

    /** The seats, ascending; null when there are not enough. */
    static int[] choose(Layout layout, Places places, int category, int quantity, boolean orphanRule) {
        if (places.freeInCategory(category) < quantity) {
            return null;
        }
        boolean strict = orphanRule && !OrphanRule.rests(layout, places, category);
        int[] block = new BestAvailable(layout, places, category, quantity, strict).block();
        if (block != null) {
            return block;
        }
        int[] pieces = new SplitSeats(layout, places, category, quantity, strict).choose();
        // Pieces may leave a seat of another category single between them; each alone does not show it.
        return pieces != null && strict && OrphanRule.leftSingle(layout, places, pieces).length > 0 ? null : pieces;
    }

    /** Segments come nearest first: once no seat of the next one can better the best block, the search is over. */
    private int[] block() {
        Block tidy = new Block();
        Block any = new Block();
        for (int segment : layout.segmentsOf(category)) {
            if (tidy.start >= 0 && (long) quantity * layout.bestScore(segment) > tidy.score) {
                break;
            }
            if (places.freeInSegment(segment) >= quantity) {
                search(segment, tidy, any);
            }
        }
        Block found = tidy.start < 0 ? any : tidy;
        return found.start < 0 ? null : range(found.start, quantity);
    }

    private void search(int segment, Block tidy, Block any) {
        int end = layout.segmentEnd(segment);
        int run = layout.run(layout.segmentStart(segment));
        int free = 0;
        long score = 0;
        for (int seat = layout.segmentStart(segment); seat < end; seat++) {
            if (!places.isFreeSeat(seat)) {
                free = 0;
                score = 0;
                continue;
            }
            score += layout.score(seat);
            if (++free > quantity) {
                score -= layout.score(seat - quantity);
            }
            if (free >= quantity) {
                int start = seat - quantity + 1;
                if (score <= any.score && isAllowed(layout, places, start, quantity, strict)) {
                    any.offer(start, score);
                }
                if (score <= tidy.score && leavesNobodySingle(run, start, seat + 1)) {
                    tidy.offer(start, score);
                }
            }
        }
    }

    /** Whether the free seats on either side of a block [start, end) are none, or two and more. */
    private boolean leavesNobodySingle(int run, int start, int end) {
        return !(isFree(run, start - 1) && !isFree(run, start - 2)) && !(isFree(run, end) && !isFree(run, end + 1));
    }

    private boolean isFree(int run, int seat) {
        return seat >= layout.runStart(run) && seat < layout.runEnd(run) && places.isFreeSeat(seat);
    }

    /** Whether the orphan rule, where it is strict, lets a block be taken. */
    static boolean isAllowed(Layout layout, Places places, int start, int length, boolean strict) {
        return !strict || OrphanRule.leftSingle(layout, places, range(start, length)).length == 0;
    }

    private static int[] range(int start, int length) {
        int[] seats = new int[length];
        Arrays.setAll(seats, index -> start + index);
        return seats;
    }

    /** The best one offered so far; a smaller score is better. */
    private static final class Block {
        private int start = -1;
        private long score = Long.MAX_VALUE;

        void offer(int from, long itsScore) {
            if (itsScore < score || itsScore == score && from < start) {
                start = from;
                score = itsScore;
            }
        }
    }
}
