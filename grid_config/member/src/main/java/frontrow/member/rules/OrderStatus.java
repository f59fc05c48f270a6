package frontrow.member.rules;

/** Where an order stands; codes as in {@code grid_config.outcomes.OrderStatus}. */
public enum OrderStatus {
    /** Its places are kept until the deadline. */
    HELD(1, true),
    /** A payment was started; it ends by the provider's word, not by the clock. */
    PAYING(2, true),
    /** The provider has confirmed the money; PostgreSQL has not confirmed the places yet. */
    PAID(3, true),
    /** Durable, with tickets. */
    CONFIRMED(4, true),
    RELEASED(5, false),
    EXPIRED(6, false),
    DECLINED(7, false),
    CANCELLED(8, false);

    private static final OrderStatus[] BY_CODE = values();

    private final int code;
    private final boolean live;

    OrderStatus(int code, boolean live) {
        this.code = code;
        this.live = live;
    }

    public int code() {
        return code;
    }

    /** Whether it has its places, which count against its account's limit. */
    public boolean isLive() {
        return live;
    }

    public boolean isSettled() {
        return this == PAID || this == CONFIRMED;
    }

    byte placeState() {
        return isSettled() ? Places.SOLD : Places.HELD;
    }

    static OrderStatus of(int code) {
        if (code < 1 || code > BY_CODE.length) {
            throw new MalformedException("order status " + code);
        }
        return BY_CODE[code - 1];
    }
}
