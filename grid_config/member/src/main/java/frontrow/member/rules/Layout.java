package frontrow.member.rules;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The seating plan as an inventory needs it: every seat's category, neighbours and distance from the stage, and the areas.
 * Immutable; made by {@code grid_config/layout.py}.
 *
 * <p>A <em>run</em> is a row of seats without a gap: consecutive place numbers. A <em>segment</em> is the part of a run
 * with one category: blocks of neighbours are looked for in segments, single seats left over in runs.
 *
 * <p>Wire: {@code u8 1 | u32 seats | u8 categories | seats×u8 category | u32 runs | runs×(u32 start, u16 length) |
 * seats×i32 score | u16 areas | areas×(u8 category, u32 capacity)}.
 */
public final class Layout {
    private final int categories;
    private final byte[] seatCategories;
    private final int[] scores;
    private final int[] runStarts; // ascending; a run reaches to the next one's start
    private final int[] segmentStarts; // likewise
    private final int[] segmentBestScores;
    private final int[][] segmentsOfCategory; // nearest first
    private final int[] seatsOfCategory;
    private final byte[] areaCategories;
    private final int[] areaCapacities;

    private Layout(WireReader in) {
        if (in.u8() != Limits.FORMAT_VERSION) {
            throw new MalformedException("layout of another format");
        }
        int seats = bounded(in.count(1), Limits.PLAN_SEATS_MAX, "seats");
        categories = in.u8();
        seatCategories = in.raw(seats);
        runStarts = readRuns(in, seats);
        scores = new int[seats];
        for (int seat = 0; seat < seats; seat++) {
            scores[seat] = in.i32();
        }
        int areas = bounded(in.u16(), Limits.PLAN_AREAS_MAX, "areas");
        areaCategories = new byte[areas];
        areaCapacities = new int[areas];
        for (int area = 0; area < areas; area++) {
            areaCategories[area] = (byte) in.u8();
            areaCapacities[area] = bounded(in.i32(), Limits.AREA_CAPACITY_MAX, "places in an area");
        }
        requireKnownCategories();
        segmentStarts = segmentStarts();
        segmentBestScores = new int[segmentStarts.length];
        for (int segment = 0; segment < segmentStarts.length; segment++) {
            segmentBestScores[segment] = Arrays.stream(scores, segmentStart(segment), segmentEnd(segment)).min().orElseThrow();
        }
        seatsOfCategory = new int[categories];
        for (byte category : seatCategories) {
            seatsOfCategory[category & 0xFF]++;
        }
        segmentsOfCategory = nearestSegments();
    }

    static Layout read(WireReader in) {
        Layout layout = new Layout(in);
        in.end();
        return layout;
    }

    byte[] encode() {
        int seats = seats();
        WireWriter out = new WireWriter(32 + 5 * seats + 6 * runStarts.length + 5 * areas());
        out.u8(Limits.FORMAT_VERSION).i32(seats).u8(categories).raw(seatCategories).i32(runStarts.length);
        for (int run = 0; run < runStarts.length; run++) {
            out.i32(runStarts[run]).u16(end(runStarts, run) - runStarts[run]);
        }
        for (int score : scores) {
            out.i32(score);
        }
        out.u16(areas());
        for (int area = 0; area < areas(); area++) {
            out.u8(areaCategory(area)).i32(areaCapacities[area]);
        }
        return out.done();
    }

    int seats() {
        return seatCategories.length;
    }

    int categories() {
        return categories;
    }

    int category(int seat) {
        return seatCategories[seat] & 0xFF;
    }

    /** Distance from the stage in tenths of a plan unit; smaller is better. */
    int score(int seat) {
        return scores[seat];
    }

    int seatsOf(int category) {
        return seatsOfCategory[category];
    }

    int areas() {
        return areaCategories.length;
    }

    int areaCategory(int area) {
        return areaCategories[area] & 0xFF;
    }

    int areaCapacity(int area) {
        return areaCapacities[area];
    }

    int run(int seat) {
        return indexOf(runStarts, seat);
    }

    int runStart(int run) {
        return runStarts[run];
    }

    int runEnd(int run) {
        return end(runStarts, run);
    }

    int segments() {
        return segmentStarts.length;
    }

    int segment(int seat) {
        return indexOf(segmentStarts, seat);
    }

    int segmentStart(int segment) {
        return segmentStarts[segment];
    }

    int segmentEnd(int segment) {
        return end(segmentStarts, segment);
    }

    /** A category's segments, the one with the best seat first. */
    int[] segmentsOf(int category) {
        return segmentsOfCategory[category];
    }

    /** The category of any place, seat or slot, that is in this plan. */
    int categoryOfPlace(int place) {
        return Areas.isSlot(place) ? areaCategory(Areas.area(place)) : category(place);
    }

    boolean contains(int place) {
        if (Areas.isSlot(place)) {
            int area = Areas.area(place);
            return area < areas() && Areas.slot(place) < areaCapacities[area];
        }
        return place >= 0 && place < seats();
    }

    private int end(int[] starts, int index) {
        return index + 1 < starts.length ? starts[index + 1] : seats();
    }

    private static int indexOf(int[] starts, int seat) {
        int found = Arrays.binarySearch(starts, seat);
        return found >= 0 ? found : -found - 2;
    }

    /**
     * Where a run of the wire, or a seat between runs, begins: seats that no run names stand alone. Runs come in the order of
     * their seats and none overlaps another, so that reading them costs no more than there are seats.
     */
    private static int[] readRuns(WireReader in, int seats) {
        int runs = in.count(6);
        boolean[] begins = new boolean[seats + 1];
        Arrays.fill(begins, true);
        int end = 0;
        for (int run = 0; run < runs; run++) {
            int start = in.i32();
            int length = in.u16();
            if (start < end || length == 0 || start > seats - length) {
                throw new MalformedException("run of " + length + " at " + start + " after " + end + " among " + seats);
            }
            end = start + length;
            Arrays.fill(begins, start + 1, end, false);
        }
        return positions(begins, seats);
    }

    private int[] segmentStarts() {
        boolean[] begins = new boolean[seats()];
        for (int start : runStarts) {
            begins[start] = true;
        }
        for (int seat = 1; seat < seats(); seat++) {
            begins[seat] |= seatCategories[seat] != seatCategories[seat - 1];
        }
        return positions(begins, seats());
    }

    private static int[] positions(boolean[] marks, int length) {
        int[] found = new int[length];
        int count = 0;
        for (int index = 0; index < length; index++) {
            if (marks[index]) {
                found[count++] = index;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private int[][] nearestSegments() {
        int[][] found = new int[categories][];
        for (int category = 0; category < categories; category++) {
            int wanted = category;
            found[category] = IntStream.range(0, segmentStarts.length)
                    .filter(segment -> category(segmentStarts[segment]) == wanted)
                    .boxed()
                    .sorted(Comparator.comparingInt(this::bestScore).thenComparing(segment -> segment))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
        return found;
    }

    /** The score of a segment's best seat. */
    int bestScore(int segment) {
        return segmentBestScores[segment];
    }

    private void requireKnownCategories() {
        for (byte category : seatCategories) {
            bounded(category & 0xFF, categories - 1, "as a seat's category");
        }
        for (byte category : areaCategories) {
            bounded(category & 0xFF, categories - 1, "as an area's category");
        }
    }

    private static int bounded(int number, int most, String what) {
        if (number < 0 || number > most) {
            throw new MalformedException(number + " " + what + ", at most " + most);
        }
        return number;
    }
}
