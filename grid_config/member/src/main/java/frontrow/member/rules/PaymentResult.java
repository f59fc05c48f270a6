package frontrow.member.rules;

/** What became of an attempt to pay; codes as in {@code grid_config.outcomes.PaymentResult}. */
public enum PaymentResult {
    AUTHORISED,
    CAPTURED,
    DECLINED,
    /** At the provider: no money will come. */
    CANCELLED,
    /** The provider did not answer the cancellation at the deadline in time. */
    UNANSWERED,
    /** For good: the reserved money will not come. */
    CAPTURE_FAILED,
    /** The provider never got the attempt, or refused to begin it. */
    CREATE_FAILED;

    private static final PaymentResult[] BY_CODE = values();

    public int code() {
        return ordinal() + 1;
    }

    public boolean isMoney() {
        return this == AUTHORISED || this == CAPTURED;
    }

    static PaymentResult of(int code) {
        if (code < 1 || code > BY_CODE.length) {
            throw new MalformedException("payment result " + code);
        }
        return BY_CODE[code - 1];
    }
}
