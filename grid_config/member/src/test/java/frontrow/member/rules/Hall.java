package frontrow.member.rules;

import java.util.ArrayList;
import java.util.List;

/** A seating plan and terms for tests: rows of seats, areas, and how they are sold. Builds the body of a restore. */
public final class Hall {
    public static final long INCARNATION = 77;
    public static final int HOLD_MS = 300_000;
    public static final int PRICE = 350_000;

    private final List<int[]> runs = new ArrayList<>();
    private final List<Integer> categories = new ArrayList<>();
    private final List<Integer> scores = new ArrayList<>();
    private final List<int[]> areas = new ArrayList<>();
    private final List<byte[]> orders = new ArrayList<>();
    /** What a sold order's number is away from that of its payment. */
    public static final long PAYMENT = 1000;

    private final List<byte[]> sold = new ArrayList<>();
    private int categoryCount = 1;
    private long opensAt;
    private long closesAt;
    private long startsAt = Long.MAX_VALUE;
    private int limit;
    private boolean orphanRule;
    private int status = 1;
    private int[] prices;

    /** A row in category 0; the seat in its middle is the nearest, rows further back are further away. */
    public Hall row(int seats) {
        return row(seats, 0);
    }

    public Hall row(int seats, int category) {
        int[] ofSeats = new int[seats];
        java.util.Arrays.fill(ofSeats, category);
        return mixedRow(ofSeats);
    }

    /** A row with a category for each seat. */
    public Hall mixedRow(int... ofSeats) {
        int distance = 100 * (runs.size() + 1);
        runs.add(new int[] {categories.size(), ofSeats.length});
        for (int index = 0; index < ofSeats.length; index++) {
            categories.add(ofSeats[index]);
            scores.add(distance + 10 * Math.abs(2 * index - ofSeats.length + 1));
            categoryCount = Math.max(categoryCount, ofSeats[index] + 1);
        }
        return this;
    }

    /** A row whose distances from the stage are given. */
    public Hall rowAt(int category, int... distances) {
        runs.add(new int[] {categories.size(), distances.length});
        for (int distance : distances) {
            categories.add(category);
            scores.add(distance);
        }
        categoryCount = Math.max(categoryCount, category + 1);
        return this;
    }

    public Hall area(int category, int capacity) {
        areas.add(new int[] {category, capacity});
        categoryCount = Math.max(categoryCount, category + 1);
        return this;
    }

    public Hall opensAt(long at) {
        opensAt = at;
        return this;
    }

    public Hall closesAt(long at) {
        closesAt = at;
        return this;
    }

    public Hall startsAt(long at) {
        startsAt = at;
        return this;
    }

    public Hall limit(int places) {
        limit = places;
        return this;
    }

    public Hall orphanRule() {
        orphanRule = true;
        return this;
    }

    public Hall notOnSale() {
        status = 0;
        return this;
    }

    public Hall prices(int... ofCategories) {
        prices = ofCategories;
        return this;
    }

    public Hall order(Order order) {
        WireWriter out = new WireWriter(256);
        order.write(out);
        orders.add(out.done());
        return this;
    }

    /** Bought by the payment with the order's own number plus {@link #PAYMENT}. */
    public Hall sold(long order, long account, int... places) {
        WireWriter out = new WireWriter(64).i64(order).i64(account).i64(order + PAYMENT).u8(places.length);
        for (int place : places) {
            out.i32(place);
        }
        sold.add(out.done());
        return this;
    }

    public static int slot(int area, int slot) {
        return Areas.place(area, slot);
    }

    public byte[] layout() {
        WireWriter out = new WireWriter(1024).u8(1).i32(categories.size()).u8(categoryCount);
        categories.forEach(out::u8);
        out.i32(runs.size());
        runs.forEach(run -> out.i32(run[0]).u16(run[1]));
        scores.forEach(out::i32);
        out.u16(areas.size());
        areas.forEach(area -> out.u8(area[0]).i32(area[1]));
        return out.done();
    }

    public byte[] terms() {
        WireWriter out = new WireWriter(64).i64(opensAt).i64(closesAt).i64(startsAt).u16(limit).flag(orphanRule).u8(status)
                .i32(HOLD_MS).u8(categoryCount);
        for (int category = 0; category < categoryCount; category++) {
            out.i32(prices == null ? PRICE : prices[category]);
        }
        return out.done();
    }

    public byte[] restoreBody() {
        return restoreBody(INCARNATION, 0, 0);
    }

    public byte[] restoreBody(long incarnation, long seq, long changeId) {
        WireWriter out = new WireWriter(4096).i64(incarnation).i64(seq).i64(changeId).blob(layout()).raw(terms());
        out.i32(orders.size());
        orders.forEach(out::raw);
        out.i32(sold.size());
        sold.forEach(out::raw);
        return out.done();
    }
}
