package frontrow.member.rules;

/** Whether an order's money went back; the ordinal is the wire's code. */
public enum Refund {
    NONE,
    PENDING,
    DONE,
    FAILED;

    private static final Refund[] BY_CODE = values();

    static Refund of(int code) {
        if (code >= BY_CODE.length) {
            throw new MalformedException("refund " + code);
        }
        return BY_CODE[code];
    }
}
