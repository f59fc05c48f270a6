package frontrow.member.rules;

/** A backup message was made onto another state than this copy's: one before it was lost. Nothing was touched. */
public final class BaseMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BaseMismatchException(String message) {
        super(message, null, false, false);
    }
}
