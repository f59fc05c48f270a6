package frontrow.member.rules;

import java.util.Arrays;

/**
 * Places claimed together by one account. Only {@link Effects} and {@link Acknowledgement} move it.
 *
 * <p>Wire, as answers and restores carry it: {@code i64 order | i64 account | 16 command_id | i64 fingerprint | u8 status |
 * u8 refund | i64 seq | i64 created_at | i64 held_until | i64 deadline_at | u8 extended | i64 ended_at | i64 attempt |
 * u8 attempt_open | u8 method | str provider | i64 total | ip16 | u8 n | n×(i32 place, u8 category, i32 price) |
 * u8 k | k×i64 returned attempt}. Times in unix ms (0: none), money in kopecks.
 */
public final class Order {
    private static final long[] NONE = {};
    /** Of an order without places, provider and returned money. */
    static final int BYTES_MIN = 121;

    private final long number;
    private final long account;
    private final Wide commandId;
    private final long fingerprint;
    private final long createdAt;
    private final long heldUntil;
    private final long total;
    private final Wide ip;
    private final int[] places;
    private final byte[] categories;
    private final int[] prices;

    private OrderStatus status;
    private Refund refund = Refund.NONE;
    private long seq;
    private long deadlineAt;
    private boolean extended;
    private long endedAt;
    private long attempt;
    private boolean attemptOpen;
    private int method;
    private String provider = "";
    private long[] returnedAttempts = NONE;

    /** Where it stands in its {@link TimeQueue}; -1: in none. */
    int queueIndex = -1;

    /** A new order, held. Takes the change's arrays as its own. */
    Order(Change.Held held) {
        Change.Head head = held.head();
        number = head.order();
        account = head.account();
        commandId = held.commandId();
        fingerprint = held.fingerprint();
        createdAt = head.at();
        heldUntil = held.deadlineAt();
        total = held.total();
        ip = head.ip();
        places = held.places();
        categories = held.categories();
        prices = held.prices();
        status = OrderStatus.HELD;
        deadlineAt = heldUntil;
    }

    /** What is left to say of an order of which only the places were kept: it has ended. */
    Order(Sold sold, Layout layout, Change.Head head) {
        number = sold.number();
        account = sold.account();
        commandId = Wide.ZERO;
        fingerprint = 0;
        createdAt = 0;
        heldUntil = 0;
        total = 0;
        ip = head.ip();
        places = sold.places();
        categories = sold.categories(layout);
        prices = new int[places.length];
        status = OrderStatus.CONFIRMED;
        attempt = sold.attempt();
    }

    private Order(WireReader in) {
        number = in.i64();
        account = in.i64();
        commandId = in.wide();
        fingerprint = in.i64();
        status = OrderStatus.of(in.u8());
        refund = Refund.of(in.u8());
        seq = in.i64();
        createdAt = in.i64();
        heldUntil = in.i64();
        deadlineAt = in.i64();
        extended = in.flag();
        endedAt = in.i64();
        attempt = in.i64();
        attemptOpen = in.flag();
        method = in.u8();
        provider = in.text().intern();
        total = in.i64();
        ip = in.wide();
        int count = in.u8();
        places = new int[count];
        categories = new byte[count];
        prices = new int[count];
        for (int index = 0; index < count; index++) {
            places[index] = in.i32();
            categories[index] = (byte) in.u8();
            prices[index] = in.i32();
        }
        int returned = in.u8();
        returnedAttempts = returned == 0 ? NONE : new long[returned];
        for (int index = 0; index < returned; index++) {
            returnedAttempts[index] = in.i64();
        }
    }

    static Order read(WireReader in) {
        return new Order(in);
    }

    void write(WireWriter out) {
        out.i64(number).i64(account).wide(commandId).i64(fingerprint).u8(status.code()).u8(refund.ordinal()).i64(seq)
                .i64(createdAt).i64(heldUntil).i64(deadlineAt).flag(extended).i64(endedAt).i64(attempt).flag(attemptOpen)
                .u8(method).text(provider).i64(total).wide(ip).u8(places.length);
        for (int index = 0; index < places.length; index++) {
            out.i32(places[index]).u8(categories[index]).i32(prices[index]);
        }
        out.u8(returnedAttempts.length);
        for (long returned : returnedAttempts) {
            out.i64(returned);
        }
    }

    /** The view that stands for "in no record": only its seq says something. */
    static void writeUnmatched(long seq, WireWriter out) {
        out.i64(0).i64(0).wide(Wide.ZERO).i64(0).u8(0).u8(0).i64(seq).i64(0).i64(0).i64(0).u8(0).i64(0).i64(0).u8(0).u8(0)
                .text("").i64(0).wide(Wide.ZERO).u8(0).u8(0);
    }

    // ---- what changes do to it: called between Orders.detach and Orders.attach ---------------------------------------

    void touch(long changeSeq) {
        seq = changeSeq;
    }

    /** Starting to pay moves the deadline once; the change says where to. */
    void startPayment(long openedAttempt, int byMethod, String atProvider, long deadline) {
        status = OrderStatus.PAYING;
        attempt = openedAttempt;
        attemptOpen = true;
        method = byMethod;
        provider = atProvider.intern();
        deadlineAt = deadline;
        extended = true;
    }

    /** Back to held. With the first deadline again the move of it was not used up. */
    void closeAttempt(long deadline, boolean giveBackExtension) {
        status = OrderStatus.HELD;
        attemptOpen = false;
        deadlineAt = deadline;
        extended &= !giveBackExtension;
    }

    void pay(long byAttempt, int byMethod, String atProvider) {
        status = OrderStatus.PAID;
        attempt = byAttempt;
        attemptOpen = false;
        method = byMethod;
        provider = atProvider.intern();
        deadlineAt = 0;
        endedAt = 0;
    }

    void confirm(long at) {
        status = OrderStatus.CONFIRMED;
        endedAt = at;
    }

    /** {@code stillOpen}: the provider has not said that the open attempt brings no money. */
    void end(OrderStatus how, long at, boolean stillOpen) {
        status = how;
        attemptOpen = stillOpen;
        deadlineAt = 0;
        endedAt = at;
    }

    void returnMoney(long ofAttempt) {
        if (ofAttempt == attempt) {
            attemptOpen = false;
        }
        refund = Refund.PENDING;
        if (hasReturned(ofAttempt)) {
            return;
        }
        int from = returnedAttempts.length == Limits.RETURNED_ATTEMPTS_MAX ? 1 : 0;
        long[] more = Arrays.copyOfRange(returnedAttempts, from, returnedAttempts.length + 1);
        more[more.length - 1] = ofAttempt;
        returnedAttempts = more;
    }

    void setRefund(Refund now) {
        refund = now;
    }

    // ---- what rules look at -------------------------------------------------------------------------------------------

    public long number() {
        return number;
    }

    public long account() {
        return account;
    }

    Wide commandId() {
        return commandId;
    }

    long fingerprint() {
        return fingerprint;
    }

    public OrderStatus status() {
        return status;
    }

    Refund refund() {
        return refund;
    }

    long seq() {
        return seq;
    }

    long heldUntil() {
        return heldUntil;
    }

    long deadlineAt() {
        return deadlineAt;
    }

    boolean isPastDeadline(long now) {
        return now >= deadlineAt;
    }

    boolean isExtended() {
        return extended;
    }

    long endedAt() {
        return endedAt;
    }

    long attempt() {
        return attempt;
    }

    boolean isAttemptOpen() {
        return attemptOpen;
    }

    boolean isOpenAttempt(long candidate) {
        return attemptOpen && attempt == candidate;
    }

    int method() {
        return method;
    }

    String provider() {
        return provider;
    }

    long total() {
        return total;
    }

    Wide ip() {
        return ip;
    }

    int[] places() {
        return places;
    }

    boolean hasReturned(long candidate) {
        for (long returned : returnedAttempts) {
            if (returned == candidate) {
                return true;
            }
        }
        return false;
    }

    /** When it falls due in its queue: its deadline while it has one, else its end. */
    long queueTime() {
        return status == OrderStatus.HELD || status == OrderStatus.PAYING ? deadlineAt : endedAt;
    }
}
