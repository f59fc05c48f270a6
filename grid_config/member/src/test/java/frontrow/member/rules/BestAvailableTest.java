package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BestAvailableTest {
    private static int[] best(BoxOffice office, int quantity) {
        return office.ask(Commands.holdBest(900, 900, 0, quantity)).order().places();
    }

    @Test
    void neighboursNearestToTheStageCentreComeFirst() {
        assertArrayEquals(new int[] {4, 5}, best(BoxOffice.of(new Hall().row(10).row(10)), 2));
    }

    @Test
    void aBlockThatLeavesASingleSeatGivesWayToATidyOneFurtherBack() {
        // Three free in front: two of them would leave one single.
        BoxOffice office = BoxOffice.of(new Hall().row(3).row(10));

        assertArrayEquals(new int[] {7, 8}, best(office, 2));
    }

    @Test
    void withoutATidyBlockAnyNeighboursAreTaken() {
        assertArrayEquals(new int[] {0, 1}, best(BoxOffice.of(new Hall().row(3)), 2));
    }

    @Test
    void withoutNeighboursTheFewestPiecesAreTaken() {
        BoxOffice office = BoxOffice.of(new Hall().row(6).row(3));
        office.hold(1, 1, 4);
        // Free: 0 | 2 3 | 5 in front, 6 7 8 behind.
        assertArrayEquals(new int[] {2, 3, 6, 7}, best(office, 4));
    }

    @Test
    void equallyGoodSeatsGoFromTheLowestPlace() {
        assertArrayEquals(new int[] {0, 1}, best(BoxOffice.of(new Hall().rowAt(0, 5, 5, 5, 5)), 2));
    }

    @Test
    void seatsOfOtherCategoriesAreNotTaken() {
        BoxOffice office = BoxOffice.of(new Hall().mixedRow(1, 1, 1, 1, 1, 0, 0));

        assertArrayEquals(new int[] {5, 6}, best(office, 2));
    }

    @Test
    void aRowIsNotLeftForItsNeighbourRow() {
        assertArrayEquals(new int[] {2, 3, 4}, best(BoxOffice.of(new Hall().row(2).row(3)), 3));
    }

    @Test
    void whenTooFewAreFreeNothingIsHeld() {
        BoxOffice office = BoxOffice.of(new Hall().row(3));
        office.hold(1, 0);

        assertEquals(Outcome.NOT_ENOUGH_SEATS, office.ask(Commands.holdBest(2, 2, 0, 3)).outcome());
        assertEquals("h..", office.states());
    }

    @Test
    void underTheOrphanRuleNoBestSeatLeavesASingleOne() {
        // 30 free seats in rows of three: the rule does not rest, and two neighbours of three would leave one.
        Hall hall = new Hall().orphanRule();
        for (int row = 0; row < 10; row++) {
            hall.row(3);
        }
        BoxOffice office = BoxOffice.of(hall);

        int[] apart = best(office, 2);

        assertTrue(apart[1] > apart[0] + 1);
        assertEquals(List.of(), singles(office.states(), 3));
    }

    private static List<Integer> singles(String states, int rowLength) {
        List<Integer> singles = new ArrayList<>();
        for (int seat = 0; seat < states.length(); seat++) {
            boolean left = seat % rowLength > 0 && states.charAt(seat - 1) == '.';
            boolean right = seat % rowLength < rowLength - 1 && states.charAt(seat + 1) == '.';
            if (states.charAt(seat) == '.' && !left && !right) {
                singles.add(seat);
            }
        }
        return singles;
    }

    @Test
    void whereOnlySinglesWouldBeLeftTheOrphanRuleHoldsNothing() {
        // Rows of two: one seat of a row always leaves the other.
        Hall hall = new Hall().orphanRule();
        for (int row = 0; row < 10; row++) {
            hall.row(2);
        }

        assertEquals(Outcome.NOT_ENOUGH_SEATS, BoxOffice.of(hall).ask(Commands.holdBest(1, 1, 0, 3)).outcome());
    }

    @Test
    void nearSellOutTheOrphanRuleRestsForBestSeatsToo() {
        assertArrayEquals(new int[] {0, 1}, best(BoxOffice.of(new Hall().orphanRule().row(3)), 2));
    }

    // ---- against a reference that tries everything ----------------------------------------------------------------------

    @Property(tries = 1_500)
    void theChoiceIsWhatTryingEverythingFinds(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 7) Integer> rows,
            @ForAll long taken, @ForAll long others, @ForAll @Size(35) List<@IntRange(max = 6) Integer> scores,
            @ForAll @IntRange(min = 1, max = 5) int quantity, @ForAll boolean orphanRule) {
        Hall hall = new Hall();
        int seats = 0;
        for (int length : rows) {
            int[] categories = new int[length];
            for (int index = 0; index < length; index++) {
                categories[index] = (others >>> (seats + index) & 3) == 3 ? 1 : 0;
            }
            hall.mixedRow(categories);
            seats += length;
        }
        Layout layout = Layout.read(new WireReader(scored(hall.layout(), scores)));
        Places places = new Places(layout, Terms.read(new WireReader(hall.terms()), layout.categories()), 0);
        for (int seat = 0; seat < seats; seat++) {
            if ((taken >>> seat & 1) == 1) {
                places.sell(seat);
            }
        }

        int[] chosen = BestAvailable.choose(layout, places, 0, quantity, orphanRule);

        new Reference(layout, places, quantity, orphanRule && !OrphanRule.rests(layout, places, 0)).check(chosen);
    }

    /** The layout with other scores: they stand before the areas. */
    private static byte[] scored(byte[] layout, List<Integer> scores) {
        WireReader in = new WireReader(layout);
        in.u8();
        int seats = in.i32();
        in.u8();
        in.raw(seats);
        for (int runs = in.i32(); runs > 0; runs--) {
            in.i32();
            in.u16();
        }
        WireWriter out = new WireWriter(layout.length).raw(Arrays.copyOf(layout, layout.length - in.remaining()));
        for (int seat = 0; seat < seats; seat++) {
            out.i32(scores.get(seat));
        }
        return out.u16(0).done();
    }

    private record Reference(Layout layout, Places places, int quantity, boolean strict) {
        void check(int[] chosen) {
            List<int[]> all = new ArrayList<>();
            collect(new int[quantity], 0, 0, all);
            long[] best = null;
            for (int[] candidate : all) {
                long[] rank = rank(candidate);
                if (rank != null && (best == null || Arrays.compare(rank, best) < 0)) {
                    best = rank;
                }
            }
            if (best == null) {
                assertNull(chosen, () -> "nothing is allowed, chosen " + Arrays.toString(chosen));
            } else if (chosen != null || !strict || best[0] < 2) {
                // Under the rule pieces that interfere across categories may be refused although others would do.
                assertArrayEquals(best, rank(chosen));
            }
        }

        /** Smaller is better: (kind of choice, pieces, score, lowest place of a block); null: not allowed. */
        private long[] rank(int[] seats) {
            if (strict && OrphanRule.leftSingle(layout, places, seats).length > 0) {
                return null;
            }
            long score = Arrays.stream(seats).map(layout::score).sum();
            int pieces = 1;
            for (int index = 1; index < seats.length; index++) {
                boolean together = seats[index] == seats[index - 1] + 1 && layout.segment(seats[index]) == layout.segment(seats[index - 1]);
                pieces += together ? 0 : 1;
            }
            if (pieces > 1) {
                return new long[] {2, pieces, score, 0};
            }
            return new long[] {leavesSingle(seats) ? 1 : 0, 1, score, seats[0]};
        }

        private boolean leavesSingle(int[] block) {
            BitSet free = new BitSet();
            int run = layout.run(block[0]);
            for (int seat = layout.runStart(run); seat < layout.runEnd(run); seat++) {
                free.set(seat, places.isFreeSeat(seat));
            }
            for (int seat : block) {
                free.clear(seat);
            }
            int before = block[0] - 1;
            int after = block[block.length - 1] + 1;
            return isSingle(free, before) || isSingle(free, after);
        }

        private static boolean isSingle(BitSet free, int seat) {
            return seat >= 0 && free.get(seat) && !free.get(seat + 1) && (seat == 0 || !free.get(seat - 1));
        }

        private void collect(int[] chosen, int count, int from, List<int[]> all) {
            if (count == quantity) {
                all.add(chosen.clone());
                return;
            }
            for (int seat = from; seat < layout.seats(); seat++) {
                if (places.isFreeSeat(seat) && layout.category(seat) == 0) {
                    chosen[count] = seat;
                    collect(chosen, count + 1, seat + 1, all);
                }
            }
        }
    }
}
