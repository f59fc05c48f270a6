package frontrow.member.rules;

/** Bytes that are not the shape they should have. Thrown before anything is touched. */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
        super(message, null, false, false); // no stack: whoever sends rubbish must not cost a walk of it each time
    }
}
