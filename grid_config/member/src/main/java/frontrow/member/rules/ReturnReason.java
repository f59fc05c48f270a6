package frontrow.member.rules;

/** Why money goes back; codes as in {@code grid_config.outcomes.ReturnReason}. */
public enum ReturnReason {
    AMOUNT,
    CLOSED_ATTEMPT,
    ENDED_ORDER,
    SEATS_GONE,
    EVENT_OVER;

    private static final ReturnReason[] BY_CODE = values();

    public int code() {
        return ordinal() + 1;
    }

    static ReturnReason of(int code) {
        if (code < 1 || code > BY_CODE.length) {
            throw new MalformedException("return reason " + code);
        }
        return BY_CODE[code - 1];
    }
}
