package frontrow.member.rules;

import java.util.Arrays;

/**
 * Seats in several pieces, where there is no block of neighbours: as few pieces as possible, and then as near as possible.
 *
 * <p>Each streak of free neighbours gives at most one piece: two from one streak could stand side by side and be one.
 * So the best choice of p pieces with n seats follows from the best ones of p − 1 pieces in the streaks before.
 */
final class SplitSeats {
    private final Layout layout;
    private final Places places;
    private final int category;
    private final int quantity;
    private final boolean strict;
    private final Choice[][] best; // by pieces and seats

    SplitSeats(Layout layout, Places places, int category, int quantity, boolean strict) {
        this.layout = layout;
        this.places = places;
        this.category = category;
        this.quantity = quantity;
        this.strict = strict;
        best = new Choice[quantity + 1][quantity + 1];
        best[0][0] = new Choice(0, 0, 0, null);
    }

    /** A piece and those chosen before it; the score is theirs together. */
    private record Choice(long score, int start, int length, Choice before) {
    }

    /** The seats, ascending; null when there are not enough. */
    int[] choose() {
        for (int segment : layout.segmentsOf(category)) {
            if (places.freeInSegment(segment) > 0) {
                offerStreaks(segment);
            }
        }
        for (Choice[] ofPieces : best) {
            if (ofPieces[quantity] != null) {
                return seats(ofPieces[quantity]);
            }
        }
        return null;
    }

    private void offerStreaks(int segment) {
        int end = layout.segmentEnd(segment);
        int start = layout.segmentStart(segment);
        while (start < end) {
            int after = start;
            while (after < end && places.isFreeSeat(after)) {
                after++;
            }
            if (after > start) {
                offer(windows(start, after));
            }
            start = after + 1;
        }
    }

    /** For each length the nearest window of a streak; null: none, or none that is allowed. */
    private Choice[] windows(int start, int end) {
        Choice[] windows = new Choice[Math.min(quantity, end - start) + 1];
        for (int length = 1; length < windows.length; length++) {
            for (int from = start; from + length <= end; from++) {
                long score = 0;
                for (int seat = from; seat < from + length; seat++) {
                    score += layout.score(seat);
                }
                boolean better = windows[length] == null || score < windows[length].score;
                if (better && BestAvailable.isAllowed(layout, places, from, length, strict)) {
                    windows[length] = new Choice(score, from, length, null);
                }
            }
        }
        return windows;
    }

    /** From many pieces to few, so that a streak is not asked twice. */
    private void offer(Choice[] windows) {
        for (int pieces = quantity; pieces > 0; pieces--) {
            for (int seats = quantity; seats > 0; seats--) {
                for (int length = 1; length < windows.length && length <= seats; length++) {
                    Choice before = best[pieces - 1][seats - length];
                    Choice window = windows[length];
                    if (before != null && window != null) {
                        Choice known = best[pieces][seats];
                        long score = before.score + window.score;
                        if (known == null || score < known.score) {
                            best[pieces][seats] = new Choice(score, window.start, length, before);
                        }
                    }
                }
            }
        }
    }

    private int[] seats(Choice last) {
        int[] seats = new int[quantity];
        int count = 0;
        for (Choice piece = last; piece.before != null; piece = piece.before) {
            for (int offset = 0; offset < piece.length; offset++) {
                seats[count++] = piece.start + offset;
            }
        }
        Arrays.sort(seats);
        return seats;
    }
}
