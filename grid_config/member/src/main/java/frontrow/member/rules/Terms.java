package frontrow.member.rules;

import java.util.Arrays;

/**
 * The terms an inventory sells by. Immutable.
 *
 * <p>Wire: {@code i64 opens_at | i64 closes_at | i64 starts_at | u16 limit | u8 orphan_rule | u8 status | i32 hold_ms |
 * u8 c | c×i32 price}.
 */
public final class Terms {
    /** The price of a category that is not for sale: its places are closed. */
    public static final int NOT_SOLD = -1;

    private static final int ON_SALE = 1;

    private final long opensAt;
    private final long closesAt;
    private final long startsAt;
    private final int limit;
    private final boolean orphanRule;
    private final int status;
    private final int holdMs;
    private final int[] prices;

    private Terms(WireReader in) {
        opensAt = in.i64();
        closesAt = in.i64();
        startsAt = in.i64();
        limit = in.u16();
        orphanRule = in.flag();
        status = in.u8();
        holdMs = in.i32();
        prices = new int[in.u8()];
        for (int category = 0; category < prices.length; category++) {
            prices[category] = in.i32();
        }
    }

    /** Reads terms for a plan of so many categories; other terms are malformed: no place may lack a price. */
    static Terms read(WireReader in, int categories) {
        Terms terms = new Terms(in);
        if (terms.prices.length != categories || terms.holdMs <= 0) {
            throw new MalformedException("terms of " + terms.prices.length + " categories for a plan of " + categories);
        }
        return terms;
    }

    void write(WireWriter out) {
        out.i64(opensAt).i64(closesAt).i64(startsAt).u16(limit).flag(orphanRule).u8(status).i32(holdMs).u8(prices.length);
        for (int price : prices) {
            out.i32(price);
        }
    }

    /** Unix ms. */
    long opensAt() {
        return opensAt;
    }

    /** Unix ms of the start of the event; 0: unknown. */
    long startsAt() {
        return startsAt;
    }

    /** Places that one account may have; 0: any number. */
    int limit() {
        return limit;
    }

    boolean orphanRule() {
        return orphanRule;
    }

    /** How long a hold lasts, and a payment once begun. */
    int holdMs() {
        return holdMs;
    }

    /** Kopecks. */
    int price(int category) {
        return prices[category];
    }

    boolean sells(int category) {
        return category < prices.length && prices[category] >= 0;
    }

    boolean isOpenYet(long now) {
        return now >= opensAt;
    }

    boolean isOver(long now) {
        return status != ON_SALE || closesAt != 0 && now >= closesAt || hasStarted(now);
    }

    boolean hasStarted(long now) {
        return startsAt != 0 && now >= startsAt;
    }

    /** Whether it is so long over that the inventory need not stay in the grid. */
    boolean isLongOver(long now) {
        return startsAt != 0 && now - startsAt >= Limits.INVENTORY_STAY_MS;
    }

    /** When the sale ended, for an {@link #isOver} sale: the earlier of its close and the event's start that is past, or now. */
    long closedAt(long now) {
        if (closesAt != 0 && now >= closesAt) {
            return closesAt;
        }
        return hasStarted(now) ? startsAt : now;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Terms that && opensAt == that.opensAt && closesAt == that.closesAt
                && startsAt == that.startsAt && limit == that.limit && orphanRule == that.orphanRule
                && status == that.status && holdMs == that.holdMs && Arrays.equals(prices, that.prices);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(opensAt) ^ Arrays.hashCode(prices);
    }
}
