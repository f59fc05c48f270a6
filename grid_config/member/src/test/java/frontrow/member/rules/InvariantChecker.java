package frontrow.member.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts everything anew from the orders and compares it with what the inventory keeps beside them. */
final class InvariantChecker {
    private final Inventory inventory;
    private final Map<Integer, Long> takenBy = new HashMap<>();
    private final Map<Long, Integer> placesOfAccount = new HashMap<>();
    private int live;
    private int ended;

    private InvariantChecker(Inventory inventory) {
        this.inventory = inventory;
    }

    /** {@code unsold}: places sold to nobody here, by refused tickets. */
    static void check(Inventory inventory, Set<Integer> unsold) {
        new InvariantChecker(inventory).check(unsold);
    }

    private void check(Set<Integer> unsold) {
        inventory.orders().forEach(this::checkOrder);
        inventory.orders().forEachSold(sold -> take(sold.number(), sold.account(), sold.places(), Places.SOLD));
        equal(live, inventory.orders().liveCount(), "live orders");
        equal(ended, inventory.orders().endedCount(), "ended orders");
        placesOfAccount.forEach((account, places) -> equal(places, inventory.orders().placesOf(account), "places of " + account));
        checkSeats(unsold);
        checkAreas();
        equal(inventory.seq() - inventory.durableSeq(), inventory.outbox().size(), "outbox");
        equal(inventory.seq(), inventory.outbox().lastSeq(), "outbox's end");
    }

    private void checkOrder(Order order) {
        if (order.status().isLive()) {
            live++;
            take(order.number(), order.account(), order.places(), order.status().placeState());
        } else {
            ended++;
        }
        equal(order.status() == OrderStatus.PAYING ? 1 : 0, order.status() == OrderStatus.PAYING && order.isAttemptOpen() ? 1 : 0,
                "a paying order has an open attempt");
        equal(order.status() != OrderStatus.PAID ? 1 : 0, order.queueIndex >= 0 ? 1 : 0, "queued unless paid: " + order.number());
    }

    private void take(long order, long account, int[] places, byte state) {
        placesOfAccount.merge(account, places.length, Integer::sum);
        for (int place : places) {
            Long other = takenBy.put(place, order);
            if (other != null) {
                throw new AssertionError("place " + place + " is of orders " + other + " and " + order);
            }
            if (!Areas.isSlot(place)) {
                equal(state, inventory.places().states()[place], "state of seat " + place);
            } else {
                equal(1, inventory.places().areas().isTaken(place) ? 1 : 0, "slot taken");
            }
        }
    }

    private void checkSeats(Set<Integer> unsold) {
        int[] counts = new int[128];
        int[] segments = new int[inventory.layout().segments()];
        for (int seat = 0; seat < inventory.layout().seats(); seat++) {
            byte state = inventory.places().states()[seat];
            counts[state]++;
            boolean taken = state == Places.HELD || state == Places.SOLD;
            if (taken != (takenBy.containsKey(seat) || unsold.contains(seat) && state == Places.SOLD)) {
                throw new AssertionError("seat " + seat + " is " + (char) state + ", of order " + takenBy.get(seat));
            }
            segments[inventory.layout().segment(seat)] += state == Places.FREE ? 1 : 0;
        }
        for (byte state : new byte[] {Places.FREE, Places.HELD, Places.SOLD, Places.CLOSED}) {
            equal(counts[state], inventory.places().count(state), "count of " + (char) state);
        }
        for (int segment = 0; segment < segments.length; segment++) {
            equal(segments[segment], inventory.places().freeInSegment(segment), "free in segment " + segment);
        }
    }

    private void checkAreas() {
        Set<Integer> slots = new HashSet<>();
        takenBy.keySet().stream().filter(Areas::isSlot).forEach(slots::add);
        for (int area = 0; area < inventory.layout().areas(); area++) {
            int wanted = area;
            long taken = slots.stream().filter(place -> Areas.area(place) == wanted).count();
            equal(inventory.layout().areaCapacity(area) - taken, inventory.places().areas().free(area), "free in area " + area);
        }
    }

    private static void equal(long expected, long actual, String what) {
        if (expected != actual) {
            throw new AssertionError(what + ": expected " + expected + ", was " + actual);
        }
    }
}
